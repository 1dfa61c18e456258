-- title:   Points add up to their graph
-- formula: sum deg = 2m; 4m - sum deg^2 = Ric, recomputed for every k; least and largest degree; sum out-degree = m if directed;
--          sum of Forman sums = 2 Ric; sum of geodesic sums = g; largest eccentricity = diameter
-- source:  geoflow
-- grain:   one row per graph that does not add up
select
    g.graph_id,
    g.convention,
    g.n_edges,
    sum(n.degree) as degree_sum,
    g.min_degree,
    g.max_degree,
    g.n_components,
    g.total_forman,
    sum(n.forman_sum) as forman_sum,
    g.total_geodesic,
    sum(n.geodesic_sum) as geodesic_sum,
    g.diameter,
    max(n.eccentricity) as eccentricity,
    g.n_sources,
    l.n_points
from graphs as g
join layers as l using (layer_id)
left join nodes as n using (graph_id)
where g.detail <> 'graphs'
group by all
having count(n.point) <> l.n_points
    or sum(n.degree) <> 2 * g.n_edges
    or 4 * g.n_edges - sum(n.degree::bigint * n.degree) <> g.total_forman
    or sum(n.forman_sum) <> 2 * g.total_forman
    or (g.n_sources = l.n_points and sum(n.geodesic_sum) is distinct from g.total_geodesic)
    or count(distinct n.component) <> g.n_components
    or min(n.degree) <> g.min_degree
    or max(n.degree) <> g.max_degree
    or sum(n.out_degree) is distinct from case g.convention when 'directed' then g.n_edges end
    or max(n.eccentricity) is distinct from g.diameter
