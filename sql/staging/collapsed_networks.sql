-- title:   Networks and snapshots that have collapsed: a layer, or what they predict, tells no two test points apart
-- formula: n_distinct = 1 in a hidden layer or an output that is a layer, or one class for all points in `predictions`
-- source:  geoflow
-- grain:   one row per collapsed network; predictions are kept at detail nodes or more
-- columns:
--   network_id  network or snapshot
create or replace view collapsed_networks as
select network_id
from layers
where network_id is not null and n_distinct = 1
union
select network_id
from predictions
group by network_id
having min(predicted) = max(predicted);
