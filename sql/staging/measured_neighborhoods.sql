-- title:   Numbers of neighbours that neighbourhoods of a network are measured with
-- formula: the k of its graphs, and the rank up to which its neighbours are kept
-- source:  geoflow
-- grain:   one row per (network, k), snapshots included
-- columns:
--   network_id  network or snapshot
--   k
create or replace view measured_neighborhoods as
select l.network_id, g.k
from graphs as g
join layers as l on l.layer_id = g.layer_id
where l.network_id is not null
union
select network_id, max(store_rank)
from layers
where network_id is not null
group by network_id
having max(store_rank) > 0;
