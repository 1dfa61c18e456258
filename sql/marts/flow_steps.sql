-- title:   The flow from layer to layer
-- formula: eta_l = g_{l+1} - g_l, beside Ric_l
-- source:  Baptista et al. 2024, Eq. 6-7
-- grain:   one row per (network, k, convention, layer l), l = 0..L-1
-- columns:
--   network_id      network
--   network         name of the network
--   dataset         name of the data set
--   depth           hidden layers L
--   k               number of neighbours
--   convention      how neighbours become edges
--   layer           layer l the step starts from, 0 = input
--   is_connected    whether the graphs of layers l and l + 1 are both connected
--   is_exact        whether both totals are exact, not estimated from a sample of sources
--   total_forman    Ric_l, total Forman curvature of layer l: a statistic of its degrees
--   total_geodesic  g_l, total hop distance of layer l, NULL if not connected
--   eta             g_{l+1} - g_l in hops, NULL if either is not connected
create or replace view flow_steps as
select
    n.network_id,
    n.network,
    n.dataset,
    n.depth,
    s.k,
    s.convention,
    s.layer,
    s.is_connected,
    s.is_exact,
    s.total_forman,
    s.total_geodesic,
    s.eta
from network_steps as s
join network_labels as n on n.network_id = s.network_id;
