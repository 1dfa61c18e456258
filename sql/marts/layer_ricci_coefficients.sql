-- title:   Ricci coefficient of a layer
-- formula: Pearson over points x of (S_l(x), eta_l(x)), points with an unreachable neighbour left out
-- source:  Hehl, von Renesse, Weber 2025, section 3
-- grain:   one row per (network, k, convention, curvature, alpha, layer l = 0..L-1)
-- columns:
--   network_id         network
--   network            name of the network
--   study              study
--   dataset            name of the data set
--   width              name of the widths
--   depth              hidden layers L
--   k                  number of neighbours
--   convention         union or mutual
--   curvature          kind of curvature
--   alpha              idle mass, NULL for curvatures that have none
--   layer              layer l the step starts from, 0 = input
--   n_points           points in the correlation
--   n_left_out         points without a neighbour, or with one that is unreachable in layer l + 1
--   mean_curvature     mean of S_l(x) over the points in the correlation
--   mean_expansion     mean of eta_l(x) over the same points, in hops
--   layer_coefficient  NULL if curvature or expansion is the same at all points
--   reason             why it is NULL
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
    c.n_points,
    c.n_left_out,
    c.mean_curvature,
    c.mean_expansion,
    c.layer_coefficient,
    c.reason
from layer_coefficients as c
join network_labels as n on n.network_id = c.network_id;
