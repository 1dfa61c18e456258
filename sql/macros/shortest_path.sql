-- title:   A shortest path between two points
-- formula: the path that steps back from finish to the neighbour of smallest index one hop nearer
-- source:  geoflow
-- grain:   one row per point on the path: step (0 = start), point; no row if there is no path
-- example: from shortest_path(1, 8, 0, 100)
create or replace macro shortest_path(layer, k, start, finish, convention := null) as table
with recursive adjacent as materialized (
    select a.point, a.neighbor from adjacency_of(layer, k, convention := convention) as a
),
distance as materialized (
    select h.point, h.hops from hop_distances(layer, k, start, convention := convention) as h
),
path (step, point) as (
    select d.hops, d.point from distance as d where d.point = finish
    union all
    select p.step - 1, min(a.neighbor)
    from path as p
    join adjacent as a on a.point = p.point
    join distance as d on d.point = a.neighbor and d.hops = p.step - 1
    group by p.step
)
select path.step, path.point from path order by path.step;
