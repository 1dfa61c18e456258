-- title:   Every network has all its layers, each with the same graphs
-- source:  geoflow
-- grain:   one row per network or snapshot with a layer or a graph missing or double
with counted as (
    select
        n.network_id,
        n.network,
        n.epoch,
        n.depth + bool_or(nl.is_output)::integer as depth,
        count(distinct nl.layer) as n_layers,
        count(*) as n_rows,
        (
            select count(distinct (g.k, g.convention))
            from network_graphs as g
            where g.network_id = n.network_id and g.layer > 0
        ) as n_kinds,
        (
            select count(*) from network_graphs as g
            where g.network_id = n.network_id and g.layer > 0
        ) as n_graphs
    from snapshot_labels as n
    left join network_layers as nl using (network_id)
    group by n.network_id, n.network, n.epoch, n.depth
)
select network_id, network, epoch, depth, n_layers, n_rows, n_kinds, n_graphs
from counted
where n_layers <> depth + 1 or n_rows <> depth + 1 or n_kinds = 0 or n_graphs <> n_kinds * depth
