-- title:   Layer graphs
-- formula: total_forman = sum over edges of F = 4 - deg i - deg j;
--          total_geodesic = sum of hop distances over ORDERED pairs of points;
--          degree_skewness = mean of ((deg - mean) / deviation)^3, the usual measure of hubness
-- source:  Baptista et al. 2024, Eq. 3 and section 3; Hehl, von Renesse, Weber 2025 (union)
-- grain:   one row per (layer, k, convention)
-- columns:
--   graph_id          key
--   layer_id          layer
--   k                 number of neighbours
--   convention        directed, union or mutual: how neighbours become edges
--   detail            graphs, nodes, edges or pairs: how much of the graph is kept
--   curvatures        kinds of curvature kept for its edges and points, with their alpha
--   n_edges           edges; a directed pair joined both ways has two
--   n_components      connected components, direction ignored
--   is_connected      whether there is one component
--   total_forman      total Forman curvature Ric, dimensionless
--   total_geodesic    total hop distance g, NULL if not connected
--   total_geodesic_error  standard error of g: 0 if exact, NULL if g is NULL or from one source
--   n_sources         points the search started from: below n, g is an estimate
--   diameter          largest hop distance, NULL if not connected or not searched from all points
--   min_degree        smallest degree
--   max_degree        largest degree
--   degree_skewness   skewness of the degree, NULL if all degrees are equal
create table graphs (
    graph_id integer primary key,
    layer_id integer not null,
    k integer not null,
    convention varchar not null check (convention in ('directed', 'union', 'mutual')),
    detail varchar not null check (detail in ('graphs', 'nodes', 'edges', 'pairs')),
    curvatures varchar[] not null,
    n_edges bigint not null,
    n_components integer not null,
    is_connected boolean not null,
    total_forman bigint not null,
    total_geodesic bigint,
    total_geodesic_error double,
    n_sources integer not null,
    diameter integer,
    min_degree integer not null,
    max_degree integer not null,
    degree_skewness double,
    unique (layer_id, k, convention)
);
