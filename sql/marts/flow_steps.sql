-- title:   The flow from layer to layer
-- formula: eta_l = g_{l+1} - g_l, beside Ric_l
-- source:  Baptista et al. 2024, Eq. 6-7
-- grain:   one row per (network, k, convention, layer l), l = 0..L-1, and L where the output is a layer
-- columns:
--   network_id, network, dataset, depth, k, convention, layer, is_to_output, is_connected, is_exact,
--   total_forman, total_geodesic, eta
create or replace view flow_steps as
select
    n.network_id,
    n.network,
    n.dataset,
    n.depth,
    s.k,
    s.convention,
    s.layer,
    s.is_to_output,
    s.is_connected,
    s.is_exact,
    s.total_forman,
    s.total_geodesic,
    s.eta
from network_steps as s
join network_labels as n on n.network_id = s.network_id;
