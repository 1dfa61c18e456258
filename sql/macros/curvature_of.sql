-- title:   Edges of a layer graph with a curvature of one kind
-- formula: forman = 4 - deg i - deg j from the neighbours; other kinds as stored in edge_curvatures
-- source:  Forman 2003; Hehl, von Renesse, Weber 2025, section 2
-- grain:   one row per edge: source, target, value
-- example: from curvature_of(1, 8, kind := 'forman') order by value limit 5
create or replace macro curvature_of(layer, k, kind := 'forman', alpha := null, convention := null) as table
select e.source, e.target, e.forman::double as value
from edges_of(layer, k, convention := convention) as e
where kind = 'forman'
union all
select s.source, s.target, s.value
from (
    select c.source, c.target, c.value, g.k_ as of_k, g.layer_id as of_layer, g.convention_ as named,
        c.curvature as of_kind, c.alpha as idle
    from edge_curvatures as c
    join (select graph_id, layer_id, k as k_, convention as convention_ from graphs) as g
        on g.graph_id = c.graph_id
) as s
where s.of_layer = layer
    and s.of_k = k
    and s.named = convention_of(layer, convention)
    and s.of_kind = kind
    and (alpha is null or s.idle = alpha)
union all -- no row, but the error where this curvature is not stored
select null, null, null
from (
    select count(*) as n
    from (
        select layer_id, k as k_, convention as convention_, curvatures as kinds from graphs
    ) as g
    where g.layer_id = layer
        and g.k_ = k
        and g.convention_ = convention_of(layer, convention)
        and len(list_filter(g.kinds, lambda one: split_part(one, '(', 1) = kind)) > 0
) as stored
where kind <> 'forman'
    and case
        when stored.n = 0
            then error(format('no curvature {} of layer_id {} at k = {} in this store: write the network with --detail edges --curvature {}', kind, layer, k, kind))
        else false
    end;
