-- title:   Layers seen from a network
-- source:  geoflow
-- grain:   one row per (network, layer), snapshots and the input layer of the data set included
-- columns:
--   network_id  network or snapshot
--   layer
--   layer_id    layer; one input layer serves all networks of a data set
--   is_output
--   n_units, n_points, n_distinct, store_rank
create or replace view network_layers as
select network_id, layer, layer_id, is_output, n_units, n_points, n_distinct, store_rank
from layers
where network_id is not null
union all
select n.network_id, l.layer, l.layer_id, l.is_output, l.n_units, l.n_points, l.n_distinct, l.store_rank
from networks as n
join layers as l on l.dataset_id = n.dataset_id and l.network_id is null
where n.status <> 'failed';
