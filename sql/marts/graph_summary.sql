-- title:   Layer graphs with the moments of their degrees
-- formula: mean_degree = 2m/n; degree_variance = (4m - Ric)/n - mean_degree^2;
--          mean_geodesic = g / (n (n - 1))
-- source:  Ric = 4m - sum deg^2 (from Forman 2003); skewness as hubness: Radovanovic et al. 2010
-- grain:   one row per (layer, k, convention), of networks at the end of their training
-- columns:
--   graph_id         graph
--   layer_id
--   dataset          name of the data set
--   network          name of the network, NULL for the input layer
--   layer, is_output, k, convention, n_points, n_distinct
--   n_edges          edges m
--   n_components, is_connected
--   total_forman     total Forman curvature Ric
--   total_geodesic   total hop distance g over ordered pairs, NULL if not connected
--   total_geodesic_error, n_sources
--   mean_geodesic    mean hop distance of a pair, NULL if not connected
--   diameter, min_degree, max_degree
--   mean_degree      mean degree
--   degree_variance  population variance of the degree
--   degree_skewness
create or replace view graph_summary as
with moments as (
    select
        g.*,
        l.dataset_id,
        l.network_id,
        l.layer,
        l.is_output,
        l.n_points,
        l.n_distinct,
        2.0 * g.n_edges / l.n_points as mean_degree,
        (
            (4 * g.n_edges - g.total_forman)::hugeint * l.n_points
            - 4 * g.n_edges::hugeint * g.n_edges
        ) / (l.n_points::double * l.n_points) as degree_variance
    from graphs as g
    join layers as l using (layer_id)
)
select
    m.graph_id,
    m.layer_id,
    d.name as dataset,
    n.name as network,
    m.layer,
    m.is_output,
    m.k,
    m.convention,
    m.n_points,
    m.n_distinct,
    m.n_edges,
    m.n_components,
    m.is_connected,
    m.total_forman,
    m.total_geodesic,
    m.total_geodesic_error,
    m.n_sources,
    m.total_geodesic / (m.n_points::double * (m.n_points - 1)) as mean_geodesic,
    m.diameter,
    m.min_degree,
    m.max_degree,
    m.mean_degree,
    m.degree_variance,
    m.degree_skewness
from moments as m
join datasets as d on d.dataset_id = m.dataset_id
left join networks as n on n.network_id = m.network_id
where n.final_id is null;
