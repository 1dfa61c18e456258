-- title:   Curvatures of edges that SQL cannot derive
-- formula: augmented_forman = 4 - deg i - deg j + 3 t, t = common neighbours of i and j;
--          approximate_ollivier = 1/2 t/M - 1/2 [(a - t/m)+ + (a - t/M)+ - t/M] with M, m the larger
--          and smaller degree, a = 1 - 1/deg i - 1/deg j; ollivier = 1 - W1(mu_i, mu_j), mu_x = alpha
--          at x and (1 - alpha) / deg x at each neighbour, hops as ground cost
-- source:  Hehl, von Renesse, Weber 2025; Ollivier 2009
-- grain:   one row per (graph, edge, curvature, alpha), for undirected graphs kept at detail edges or more
-- columns:
--   graph_id   graph
--   curvature  augmented_forman, approximate_ollivier or ollivier; Forman's is in the view edges
--   alpha      idle mass, NULL for curvatures that have none
--   source     point i, the smaller index
--   target     point j
--   value      curvature of the edge, dimensionless
create table edge_curvatures (
    graph_id integer not null,
    curvature varchar not null,
    alpha double,
    source integer not null,
    target integer not null,
    value double not null
);
