-- title:   The histogram of hops holds every pair that has a path
-- formula: sum of pairs = sum over components of size (size - 1)
-- source:  geoflow
-- grain:   one row per graph, kept at detail nodes or more, that holds another number of pairs
with component as (
    select graph_id, component, count(*) as size
    from nodes
    group by graph_id, component
),
reachable as (
    select graph_id, sum(size * (size - 1)) as n_pairs
    from component
    group by graph_id
),
counted as (
    select graph_id, sum(n_pairs) as n_pairs
    from hop_counts
    group by graph_id
)
select g.graph_id, r.n_pairs as n_pairs_expected, coalesce(c.n_pairs, 0) as n_pairs
from graphs as g
join layers as l using (layer_id)
join reachable as r using (graph_id)
left join counted as c using (graph_id)
where g.n_sources = l.n_points and r.n_pairs <> coalesce(c.n_pairs, 0)
