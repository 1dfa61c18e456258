-- title:   Layer coefficient
-- formula: Pearson over points x of (S_l(x), eta_l(x)), points with an unreachable neighbour left out
-- source:  Hehl, von Renesse, Weber 2025
-- grain:   one row per (network, k, convention, curvature, alpha, layer l = 0..L-1, and L where the output is a layer)
-- columns:
--   network_id         network
--   k                  number of neighbours
--   convention         union or mutual
--   curvature          kind of curvature
--   alpha              idle mass, NULL for curvatures that have none
--   layer              layer l the step starts from, 0 = input
--   is_to_output       whether layer l + 1 is the output
--   n_points           points in the correlation
--   n_left_out         points without a neighbour, or with one that is unreachable in layer l + 1
--   mean_curvature     mean of S_l(x) over the points in the correlation
--   mean_expansion     mean of eta_l(x) over the same points, in hops
--   layer_coefficient  Pearson of S_l(x) and eta_l(x), NULL if a side is constant
--   reason             why it is NULL
create table layer_coefficients (
    network_id integer not null,
    k integer not null,
    convention varchar not null,
    curvature varchar not null,
    alpha double,
    layer integer not null,
    is_to_output boolean not null,
    n_points bigint not null,
    n_left_out bigint not null,
    mean_curvature double,
    mean_expansion double,
    layer_coefficient double,
    reason varchar
);
