-- title:   The headline numbers of studies beside those of the paper
-- source:  Baptista et al. 2024, section 4 and Table S2
-- grain:   one row per (study, convention, quantity)
-- parameters:
--   studies  names of studies
select study, convention, quantity, value, published
from headline_comparison
where start = 'hidden' and "end" = 'hidden' and study in $studies
order by study, convention, position;
