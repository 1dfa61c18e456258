-- title:   Stored pairs add up to the total distance
-- formula: 2 x sum of hops = g over n (n - 1) / 2 pairs
-- source:  geoflow
-- grain:   one row per graph kept at detail pairs that does not add up
select g.graph_id, g.total_geodesic, 2 * sum(p.hops) as total_recomputed, count(p.point_a) as n_pairs
from graphs as g
join layers as l using (layer_id)
left join geodesics as p using (graph_id)
where g.detail = 'pairs'
group by g.graph_id, g.total_geodesic, g.is_connected, l.n_points
having count(p.point_a) <> l.n_points::bigint * (l.n_points - 1) // 2
    or (g.is_connected and 2 * sum(p.hops) is distinct from g.total_geodesic)
