-- title:   The flow from layer to layer, of networks and their snapshots
-- formula: eta_l = g_{l+1} - g_l, beside Ric_l
-- source:  Baptista et al. 2024, Eq. 6-7
-- grain:   one row per (network, k, convention, layer l), l = 0..L-1, and L where the output is a layer, snapshots included
-- columns:
--   network_id, k, convention
--   layer           layer l the step starts from, 0 = input
--   is_to_output    whether layer l + 1 is the output
--   is_connected    whether the graphs of layers l and l + 1 are both connected
--   is_exact        whether both totals are exact, not estimated from a sample of sources
--   total_forman    Ric_l, total Forman curvature of layer l: a statistic of its degrees
--   total_geodesic  g_l, total hop distance of layer l, NULL if not connected
--   eta             g_{l+1} - g_l in hops, NULL if either is not connected
create or replace view network_steps as
select
    network_id,
    k,
    convention,
    layer,
    lead(is_output) over path as is_to_output,
    is_connected and lead(is_connected) over path as is_connected,
    is_exact and lead(is_exact) over path as is_exact,
    total_forman,
    total_geodesic,
    lead(total_geodesic) over path - total_geodesic as eta
from network_graphs
window path as (partition by network_id, k, convention order by layer)
qualify lead(layer) over path = layer + 1;
