-- title:   Curvature and expansion at a point, layer by layer
-- formula: S_l(x) = mean over y in N_l(x) of curvature_l(x, y);
--          eta_l(x) = mean over y in N_l(x) of [gamma_{l+1}(x, y) - 1], >= 0
-- source:  Hehl, von Renesse, Weber 2025
-- grain:   one row per (network, k, convention, curvature, alpha, layer l = 0..L-1, and L where the output is a layer, point)
-- columns:
--   network_id      network
--   k
--   convention      union or mutual
--   curvature, alpha
--   layer           layer l, 0 = input
--   is_to_output    whether layer l + 1 is the output
--   point, n_neighbors, n_unreachable, mean_curvature
--   expansion       eta_l(x) in hops, NULL if x has no neighbour or one of them is unreachable
create or replace view point_flow as
with measured as ( -- the input of a data set may have curvatures that other networks asked for
    select distinct g.network_id, g.k, g.convention, p.curvature, p.alpha
    from network_graphs as g
    join point_curvatures as p on p.graph_id = g.graph_id
    where g.layer = 1 and p.point = 0
)
select
    e.network_id,
    e.k,
    e.convention,
    p.curvature,
    p.alpha,
    e.layer,
    e.layer = n.depth as is_to_output,
    e.point,
    e.n_neighbors,
    e.n_unreachable,
    p.mean_curvature,
    case when e.n_neighbors > 0 and e.n_unreachable = 0 then e.hop_sum / e.n_neighbors - 1 end
        as expansion
from expansions as e
join networks as n on n.network_id = e.network_id
join network_graphs as g
    on g.network_id = e.network_id
    and g.layer = e.layer
    and g.k = e.k
    and g.convention = e.convention
join point_curvatures as p on p.graph_id = g.graph_id and p.point = e.point
join measured as m
    on m.network_id = e.network_id
    and m.k = e.k
    and m.convention = e.convention
    and m.curvature = p.curvature
    and m.alpha is not distinct from p.alpha;
