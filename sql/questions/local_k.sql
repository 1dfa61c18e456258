-- title:   Every k with a local geometry, that which figures show first, and where its series end: with the output where that is a layer
-- source:  Hehl, von Renesse, Weber 2025
-- grain:   one row per k
-- parameters:
--   study       a study
--   convention  how neighbours become edges
--   near        the k nearest to it comes first
select k, if(bool_or(is_output), 'output', 'hidden') as series_end
from community_structure
where study = $study and convention = $convention
group by k
order by abs(k - $near), k;
