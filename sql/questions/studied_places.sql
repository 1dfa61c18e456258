-- title:   What of some studies has Ricci coefficients
-- source:  Baptista et al. 2024, Eq. 8
-- grain:   one row per (study, convention, data set)
-- parameters:
--   studies  names of studies
select distinct study, convention, dataset
from ricci_coefficients
where start = 'hidden' and "end" = 'hidden' and study in $studies
order by all;
