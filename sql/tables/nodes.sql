-- title:   Points of a layer graph
-- source:  geoflow
-- grain:   one row per (graph, point), for graphs kept at detail nodes or more
-- columns:
--   graph_id      graph
--   point         point
--   degree        edges at the point (directed: in + out)
--   out_degree    edges out of the point: k, and more with ties; NULL if the graph is undirected
--   forman_sum    sum of Forman curvature over the edges at the point
--   geodesic_sum  sum of hop distances to all other points, NULL if one cannot be reached or g is sampled
--   eccentricity  largest hop distance, NULL like the sum
--   component     connected component, from 0
create table nodes (
    graph_id integer not null,
    point integer not null,
    degree integer not null,
    out_degree integer,
    forman_sum bigint not null,
    geodesic_sum bigint,
    eccentricity integer,
    component integer not null
);
