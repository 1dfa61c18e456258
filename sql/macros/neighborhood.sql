-- title:   Points within some hops of a point
-- source:  geoflow
-- grain:   one row per point at most so many hops away: point, hops, label
-- example: from neighborhood(1, 8, 0, 2)
create or replace macro neighborhood(layer, k, start, hops, convention := null) as table
select h.point, h.distance as hops, s.label
from (
    select d.point, d.hops as distance
    from hop_distances(layer, k, start, convention := convention) as d
) as h
left join (select layer_id, dataset_id from layers) as l on l.layer_id = layer
left join samples as s on s.dataset_id = l.dataset_id and s.point = h.point
where h.distance <= hops;
