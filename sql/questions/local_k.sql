-- title:   Every k with a local geometry, that which figures show first
-- source:  Hehl, von Renesse, Weber 2025
-- grain:   one row per k
-- parameters:
--   study       a study
--   convention  how neighbours become edges
--   near        the k nearest to it comes first
select distinct k
from community_structure
where study = $study and convention = $convention
order by abs(k - $near), k;
