-- title:   Curvature along a shortest path between two points
-- formula: the curvature of each edge of shortest_path
-- source:  geoflow
-- grain:   one row per edge on the path: step (1 = first edge), source, target, value; no row if there is no path
-- example: from curvature_along_path('digits', 2, 8, 0, 100)
create or replace macro curvature_along_path(network_name, layer_index, k, start, finish, kind := 'forman', alpha := null, convention := null) as table
with path as materialized (
    select p.step, p.point
    from shortest_path(
        layer_of(network_name, layer_index), k, start, finish, convention := convention
    ) as p
),
curved as materialized (
    select e.source, e.target, e.value
    from curvature_of(
        layer_of(network_name, layer_index), k, kind := kind, alpha := alpha, convention := convention
    ) as e
)
select b.step, a.point as source, b.point as target, max(c.value) as value
from path as a
join path as b on b.step = a.step + 1
join curved as c
    on (c.source = a.point and c.target = b.point) or (c.source = b.point and c.target = a.point)
group by b.step, a.point, b.point
order by b.step;
