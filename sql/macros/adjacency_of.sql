-- title:   Adjacent points of a layer graph, direction ignored
-- source:  geoflow
-- grain:   one row per ordered pair of adjacent points: point, neighbor
-- example: from adjacency_of(1, 8) where point = 0
create or replace macro adjacency_of(layer, k, convention := null) as table
with named as (
    select n.point, n.neighbor, convention_of(layer, convention) as kind
    from neighbors as n
    where n.layer_id = layer
        and n.rank - case convention_of(layer, convention) when 'directed' then n.n_tied else 0 end
            <= stored_k(layer, k)
    union all -- no row, but the error for a layer that is not there
    select null, null, null from (select stored_k(layer, k) as k) as asked where asked.k is null
),
both_ways as (
    select x.point, x.neighbor, x.kind from named as x
    union all
    select x.neighbor, x.point, x.kind from named as x
)
select b.point, b.neighbor
from both_ways as b
group by b.point, b.neighbor, b.kind
having b.kind <> 'mutual' or count(*) = 2;
