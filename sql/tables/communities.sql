-- title:   Leiden communities of layer graphs
-- source:  Traag, Waltman, van Eck 2019; igraph, modularity, until stable
-- grain:   one row per (graph, point), for undirected graphs with local geometry kept at detail nodes or more
-- columns:
--   graph_id   graph
--   point      point
--   community  number of its community, from 0 in the order of the points
create table communities (
    graph_id integer not null,
    point integer not null,
    community integer not null
);
