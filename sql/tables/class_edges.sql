-- title:   Edges inside classes
-- source:  geoflow; Newman, Girvan 2004
-- grain:   one row per (graph, class), for undirected graphs with local geometry
-- columns:
--   graph_id        graph
--   label           class c
--   n_points        points of the class
--   n_edges_within  edges L_c with both ends in the class
--   degree_sum      sum d_c of the degrees of its points
create table class_edges (
    graph_id integer not null,
    label integer not null,
    n_points integer not null,
    n_edges_within bigint not null,
    degree_sum bigint not null
);
