-- title:   Edges of a layer graph with their Forman curvature
-- formula: F = 4 - deg i - deg j (directed: deg = in-degree + out-degree)
-- source:  Forman 2003; Baptista et al. 2024, Eq. 3
-- grain:   one row per edge: source, target, distance, forman; source < target if undirected
-- example: from edges_of(1, 8) order by forman limit 5
create or replace macro edges_of(layer, k, convention := null) as table
with named as materialized (
    select n.point, n.neighbor, n.distance, convention_of(layer, convention) as kind
    from neighbors as n
    where n.layer_id = layer
        and n.rank - case convention_of(layer, convention) when 'directed' then n.n_tied else 0 end
            <= stored_k(layer, k)
    union all -- no row, but the error for a layer that is not there
    select null, null, null, null from (select stored_k(layer, k) as k) as asked where asked.k is null
),
edge as materialized (
    select x.point as source, x.neighbor as target, x.distance
    from named as x
    where x.kind = 'directed'
    union all
    select least(x.point, x.neighbor), greatest(x.point, x.neighbor), max(x.distance)
    from named as x
    where x.kind <> 'directed'
    group by x.kind, least(x.point, x.neighbor), greatest(x.point, x.neighbor)
    having x.kind = 'union' or count(*) = 2
),
degree as (
    select ends.point, count(*) as degree
    from (select e.source as point from edge as e union all select e.target from edge as e) as ends
    group by ends.point
)
select e.source, e.target, e.distance, 4 - a.degree - b.degree as forman
from edge as e
join degree as a on a.point = e.source
join degree as b on b.point = e.target;
