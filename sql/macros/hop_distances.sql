-- title:   Hop distances from a point
-- formula: gamma(start, y) = number of edges on a shortest path, direction ignored
-- source:  Baptista et al. 2024, section 3
-- grain:   one row per point that can be reached: point, hops
-- example: from hop_distances(1, 8, 0) order by hops desc limit 5
create or replace macro hop_distances(layer, k, start, convention := null) as table
with recursive adjacent as materialized (
    select a.point, a.neighbor from adjacency_of(layer, k, convention := convention) as a
),
reached (point, hops) using key (point) as (
    select case
        when exists (
            select 1 from neighbors as n where n.layer_id = layer and n.point = start
        ) then start::integer
        when exists (select 1 from (select layer_id from layers) as l where l.layer_id = layer)
            then error(format('no point {} in layer_id {}', start, layer))
        else error(format('no layer_id {} in this store', layer))
    end, 0
    union
    select a.neighbor, min(r.hops) + 1
    from reached as r
    join adjacent as a on a.point = r.point
    left join recurring.reached as seen on seen.point = a.neighbor
    where seen.point is null
    group by a.neighbor
)
select reached.point, reached.hops from reached;
