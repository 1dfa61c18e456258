-- title:   Moments of curvature within and between classes
-- source:  Hehl, von Renesse, Weber 2025
-- grain:   one row per (network, layer, k, convention, curvature, alpha, points)
-- columns:
--   network_id        network
--   layer             index of the layer, 0 = input, L + 1 = output
--   k                 number of neighbours
--   convention        union or mutual
--   curvature         kind of curvature
--   alpha             idle mass, NULL for curvatures that have none
--   points            all; correct: the graph made anew of the points that the network classifies correctly; correct edges: in networks written before schema version 6, the edges of the graph of all points between these
--   n_within          edges between points of one class
--   mean_within       mean curvature of these, NULL if there are none
--   variance_within   population variance of these, NULL if there are none
--   n_between         edges between points of two classes
--   mean_between      mean curvature of these, NULL if there are none
--   variance_between  population variance of these, NULL if there are none
create table class_curvatures (
    network_id integer not null,
    layer integer not null,
    k integer not null,
    convention varchar not null check (convention in ('union', 'mutual')),
    curvature varchar not null,
    alpha double,
    points varchar not null check (points in ('all', 'correct', 'correct edges')),
    n_within bigint not null,
    mean_within double,
    variance_within double,
    n_between bigint not null,
    mean_between double,
    variance_between double
);
