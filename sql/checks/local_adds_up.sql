-- title:   Local geometry agrees with the graphs it belongs to
-- formula: mean Forman curvature at x = forman_sum / deg x; sum over classes of degree_sum = 2m, of n_points = n;
--          edges within and between classes = m; neighbours of x = deg x; hop_sum >= neighbours in reach
-- source:  geoflow
-- grain:   one row per offence: what, and the key of its graph or network
select 'point_curvatures' as relation, p.graph_id as key
from point_curvatures as p
join nodes as n on n.graph_id = p.graph_id and n.point = p.point
where p.curvature = 'forman'
    and not coalesce(abs(p.mean_curvature * n.degree - n.forman_sum) < 1e-6, n.degree = 0)
union all
select 'class_edges', g.graph_id
from class_edges as c
join graphs as g using (graph_id)
join layers as l using (layer_id)
group by g.graph_id, g.n_edges, l.n_points
having sum(c.degree_sum) <> 2 * g.n_edges
    or sum(c.n_points) <> l.n_points
    or sum(c.n_edges_within) > g.n_edges
union all
select 'class_curvatures', c.network_id
from class_curvatures as c
join network_graphs as g
    on g.network_id = c.network_id
    and g.layer = c.layer
    and g.k = c.k
    and g.convention = c.convention
join graphs as h on h.graph_id = g.graph_id
join layers as l on l.layer_id = h.layer_id
where c.n_within + c.n_between > if(c.points = 'correct', l.n_points * h.k, h.n_edges)
    or (c.points = 'all' and c.n_within + c.n_between < h.n_edges)
union all
select 'expansions', e.network_id
from expansions as e
join network_graphs as g
    on g.network_id = e.network_id
    and g.layer = e.layer
    and g.k = e.k
    and g.convention = e.convention
left join nodes as n on n.graph_id = g.graph_id and n.point = e.point
where e.n_neighbors <> coalesce(n.degree, e.n_neighbors)
    or e.n_unreachable not between 0 and e.n_neighbors
    or e.hop_sum < e.n_neighbors - e.n_unreachable
union all
select 'communities', c.graph_id
from communities as c
join community_agreement as a using (graph_id)
group by c.graph_id, a.n_communities
having count(distinct c.community) <> a.n_communities
