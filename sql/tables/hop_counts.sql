-- title:   Histogram of hop distances
-- source:  geoflow
-- grain:   one row per (graph, hops), hops >= 1; pairs without a path are in no row
-- columns:
--   graph_id  graph
--   hops      hop distance, direction ignored
--   n_pairs   ordered pairs of points at this distance
create table hop_counts (
    graph_id integer not null,
    hops integer not null,
    n_pairs bigint not null
);
