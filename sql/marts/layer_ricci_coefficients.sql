-- title:   Ricci coefficient of a layer
-- formula: Pearson over points x of (S_l(x), eta_l(x)), points with an unreachable neighbour left out
-- source:  Hehl, von Renesse, Weber 2025
-- grain:   one row per (network, k, convention, curvature, alpha, layer l = 0..L-1, and L where the output is a layer)
-- columns:
--   network_id, network, study, dataset, width, depth, k, convention, curvature, alpha, layer, is_to_output,
--   n_points, n_left_out, mean_curvature, mean_expansion
--   layer_coefficient  NULL if curvature or expansion is the same at all points
--   reason
create or replace view layer_ricci_coefficients as
select
    c.network_id,
    n.network,
    n.study,
    n.dataset,
    n.width,
    n.depth,
    c.k,
    c.convention,
    c.curvature,
    c.alpha,
    c.layer,
    c.is_to_output,
    c.n_points,
    c.n_left_out,
    c.mean_curvature,
    c.mean_expansion,
    c.layer_coefficient,
    c.reason
from layer_coefficients as c
join network_labels as n on n.network_id = c.network_id;
