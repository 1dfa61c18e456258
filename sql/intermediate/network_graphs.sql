-- title:   Layer graphs seen from a network
-- source:  geoflow
-- grain:   one row per (network, layer, k, convention) of its hidden layers' graphs, snapshots included; the input of a data
--          set may have graphs that other networks asked for
-- columns:
--   network_id, layer, k, convention
--   graph_id        graph
--   is_output
--   is_connected    whether the graph has one component
--   is_exact        whether g_l was searched from all points, not estimated from a sample
--   total_forman    total Forman curvature Ric_l
--   total_geodesic  total hop distance g_l, NULL if not connected
create or replace view network_graphs as
select
    nl.network_id,
    nl.layer,
    g.k,
    g.convention,
    g.graph_id,
    nl.is_output,
    g.is_connected,
    g.n_sources = nl.n_points as is_exact,
    g.total_forman,
    g.total_geodesic
from network_layers as nl
join graphs as g using (layer_id)
semi join (
    select network_id, own.k, own.convention
    from layers
    join graphs as own using (layer_id)
    where network_id is not null
) as measured on measured.network_id = nl.network_id and measured.k = g.k and measured.convention = g.convention;
