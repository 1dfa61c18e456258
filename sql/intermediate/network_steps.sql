-- title:   The flow from layer to layer, of networks and their snapshots
-- formula: eta_l = g_{l+1} - g_l, beside Ric_l
-- source:  Baptista et al. 2024, Eq. 6-7
-- grain:   one row per (network, k, convention, layer l), l = 0..L-1, snapshots included
-- columns:
--   network_id, k, convention
--   layer           layer l the step starts from, 0 = input
--   is_connected    whether the graphs of layers l and l + 1 are both connected
--   is_exact        whether both totals are exact, not estimated from a sample of sources
--   total_forman    Ric_l, total Forman curvature of layer l: a statistic of its degrees
--   total_geodesic  g_l, total hop distance of layer l, NULL if not connected
--   eta             g_{l+1} - g_l in hops, NULL if either is not connected
create or replace view network_steps as
select
    a.network_id,
    a.k,
    a.convention,
    a.layer,
    a.is_connected and b.is_connected as is_connected,
    a.is_exact and b.is_exact as is_exact,
    a.total_forman,
    a.total_geodesic,
    b.total_geodesic - a.total_geodesic as eta
from network_graphs as a
join network_graphs as b
    on b.network_id = a.network_id
    and b.k = a.k
    and b.convention = a.convention
    and b.layer = a.layer + 1;
