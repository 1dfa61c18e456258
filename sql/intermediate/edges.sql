-- title:   Edges of the stored graphs with their Forman curvature
-- formula: F = 4 - deg i - deg j (directed: deg = in-degree + out-degree)
-- source:  Forman 2003; Baptista et al. 2024, Eq. 3
-- grain:   one row per edge of every graph with k <= store_rank of its layer: filter by graph_id
-- columns:
--   graph_id  graph
--   source    point i; i < j in undirected graphs
--   target    point j
--   distance  Euclidean distance of i and j
--   forman    Forman curvature F of the edge
create or replace view edges as
with named as (
    select g.graph_id, g.convention, n.point, n.neighbor, n.distance
    from graphs as g
    join layers as l on l.layer_id = g.layer_id and g.k <= l.store_rank
    join neighbors as n
        on n.layer_id = g.layer_id
        and n.rank - case g.convention when 'directed' then n.n_tied else 0 end <= g.k
),
edge as (
    select graph_id, point as source, neighbor as target, distance
    from named
    where convention = 'directed'
    union all
    select graph_id, least(point, neighbor), greatest(point, neighbor), max(distance)
    from named
    where convention <> 'directed'
    group by graph_id, convention, least(point, neighbor), greatest(point, neighbor)
    having convention = 'union' or count(*) = 2
),
degree as (
    select graph_id, point, count(*) as degree
    from (
        select graph_id, source as point from edge
        union all
        select graph_id, target from edge
    )
    group by graph_id, point
)
select
    e.graph_id,
    e.source,
    e.target,
    e.distance,
    4 - a.degree - b.degree as forman
from edge as e
join degree as a on a.graph_id = e.graph_id and a.point = e.source
join degree as b on b.graph_id = e.graph_id and b.point = e.target;
