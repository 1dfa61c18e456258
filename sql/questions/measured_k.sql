-- title:   Every k of a study's graphs, that which figures show first
-- source:  geoflow
-- grain:   one row per k
-- parameters:
--   study  study without the name of its variant
--   near   the k nearest to it comes first
select distinct g.k
from network_graphs as g
join network_labels as n on n.network_id = g.network_id
where n.base_study = $study
order by abs(g.k - $near), g.k;
