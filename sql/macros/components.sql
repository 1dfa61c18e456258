-- title:   Connected components of a layer graph
-- formula: component(x) = smallest index among the points connected with x, direction ignored
-- source:  geoflow
-- grain:   one row per point: point, component
-- example: select component, count(*) from components(1, 8) group by component
create or replace macro components(layer, k, convention := null) as table
with recursive adjacent as materialized (
    select a.point, a.neighbor from adjacency_of(layer, k, convention := convention) as a
),
labelled (point, component) using key (point) as (
    select distinct n.point, n.point from neighbors as n where n.layer_id = layer and n.rank = 1
    union
    select a.neighbor, min(c.component)
    from labelled as c
    join adjacent as a on a.point = c.point
    join recurring.labelled as old on old.point = a.neighbor and c.component < old.component
    group by a.neighbor
)
select labelled.point, labelled.component from labelled;
