-- title:   Curvature and distance of a network, layer by layer
-- formula: eta_l = g_{l+1} - g_l beside Ric_l
-- source:  Baptista et al. 2024, Eq. 6-7
-- grain:   one row per layer; eta_l stands at layer l, NULL at the last one
-- parameters:
--   network_id  key of a network or a snapshot
--   convention  how neighbours become edges
--   k           number of neighbours
select g.layer, g.is_output, g.is_connected, g.total_forman, g.total_geodesic, s.eta
from network_graphs as g
left join network_steps as s
    on s.network_id = g.network_id and s.layer = g.layer and s.k = g.k and s.convention = g.convention
where g.network_id = $network_id and g.convention = $convention and g.k = $k
order by g.layer;
