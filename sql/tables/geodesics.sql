-- title:   Hop distances of all pairs
-- source:  geoflow
-- grain:   one row per (graph, unordered pair), for graphs kept at detail pairs
-- columns:
--   graph_id  graph
--   point_a   smaller index of the pair
--   point_b   larger index of the pair
--   hops      hop distance, NULL if there is no path
create table geodesics (
    graph_id integer not null,
    point_a integer not null,
    point_b integer not null,
    hops integer
);
