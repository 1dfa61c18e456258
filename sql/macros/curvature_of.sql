-- title:   Edges of a layer graph with a curvature of one kind
-- formula: forman = 4 - deg i - deg j from the neighbours; other kinds as stored in edge_curvatures
-- source:  Forman 2003; Hehl, von Renesse, Weber 2025
-- grain:   one row per edge: source, target, value
-- example: from curvature_of(1, 8, kind := 'forman') order by value limit 5
create or replace macro curvature_of(layer, k, kind := 'forman', alpha := null, convention := null) as table
with stored as materialized (
    select c.source, c.target, c.value, c.idle
    from (
        select x.graph_id, x.layer_id, x.k as of_k, x.convention as named from graphs as x
    ) as g
    join (
        select x.graph_id, x.curvature as of_kind, x.alpha as idle, x.source, x.target, x.value
        from edge_curvatures as x
    ) as c on c.graph_id = g.graph_id
    where g.layer_id = layer
        and g.of_k = k
        and g.named = convention_of(layer, convention)
        and c.of_kind = kind
        and (alpha is null or c.idle is null or c.idle = alpha)
)
select e.source, e.target, e.forman::double as value
from edges_of(layer, k, convention := convention) as e
where kind = 'forman'
union all
select s.source, s.target, s.value from stored as s
union all -- no row, but the error where this curvature is not stored, or with several idle masses
select null, null, null
from (select count(*) as n, count(distinct s.idle) as n_idle from stored as s) as found
where case
    when found.n_idle > 1 then error(format(
        'curvature {} of layer_id {} is stored with several idle masses: add alpha := 0 (or another)',
        kind, layer
    ))
    when kind = 'forman' or found.n > 0 then false
    when alpha is not null then error(format(
        'no curvature {} with alpha = {} of the edges of layer_id {} at k = {} in this store: write the network with --detail edges --curvature {} --alpha {}',
        kind, alpha, layer, k, kind, alpha
    ))
    else error(format('no curvature {} of the edges of layer_id {} at k = {} in this store: write the network with --detail edges --curvature {}', kind, layer, k, kind))
end;
