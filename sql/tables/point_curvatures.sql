-- title:   Mean curvature at points
-- formula: S(x) = mean over the edges at x of their curvature
-- source:  Hehl, von Renesse, Weber 2025
-- grain:   one row per (graph, curvature, alpha, point), for undirected graphs kept at detail nodes or more
-- columns:
--   graph_id        graph
--   curvature       kind of curvature
--   alpha           idle mass, NULL for curvatures that have none
--   point           point x
--   mean_curvature  S(x), NULL if x has no edge
create table point_curvatures (
    graph_id integer not null,
    curvature varchar not null,
    alpha double,
    point integer not null,
    mean_curvature double
);
