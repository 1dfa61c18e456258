-- title:   Names, without variants, of the studies that have transport geometry
-- source:  Gai, Zhang 2021
-- grain:   one row per study
-- parameters:
--   studies  names of studies
select distinct n.base_study as study
from transport_scores as s
join network_labels as n on n.network_id = s.network_id
where n.study in $studies
order by n.base_study;
