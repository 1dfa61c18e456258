-- title:   What the neighbours of a layer say, seen from a network
-- source:  geoflow
-- grain:   one row per (network, layer, k), snapshots included: every k of the network's own graphs and the neighbours
--          it keeps
-- columns:
--   network_id, layer, is_output, n_units, n_points, n_distinct, store_rank
--   k
--   n_zero, n_tied
--   ml_dimension
--   label_overlap  NULL also where all points are the same
create or replace view layer_neighborhoods as
select
    nl.network_id,
    nl.layer,
    nl.is_output,
    nl.n_units,
    nl.n_points,
    nl.n_distinct,
    nl.store_rank,
    m.k,
    h.n_zero,
    h.n_tied,
    h.ml_dimension,
    case when nl.n_distinct > 1 then h.label_overlap end as label_overlap
from network_layers as nl
join measured_neighborhoods as m on m.network_id = nl.network_id
left join neighborhoods as h on h.layer_id = nl.layer_id and h.k = m.k;
