-- title:   The histogram of hops adds up to the total distance
-- formula: sum of hops x pairs = g and sum of pairs = n (n - 1), if connected and searched from all points
-- source:  geoflow
-- grain:   one row per connected graph that does not add up
select
    g.graph_id,
    g.total_geodesic,
    sum(h.hops * h.n_pairs) as total_recomputed,
    sum(h.n_pairs) as n_pairs,
    max(h.hops) as diameter
from graphs as g
join layers as l using (layer_id)
left join hop_counts as h using (graph_id)
where g.is_connected and g.n_sources = l.n_points
group by g.graph_id, g.total_geodesic, g.diameter, l.n_points
having sum(h.hops * h.n_pairs) is distinct from g.total_geodesic
    or sum(h.n_pairs) is distinct from l.n_points::bigint * (l.n_points - 1)
    or max(h.hops) is distinct from g.diameter
