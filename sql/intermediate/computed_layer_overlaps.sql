-- title:   Neighbourhood overlap of two layers of a network, computed anew: `layer_overlaps` keeps it
-- formula: sum over j <= k of the pairs (x, y) with max(rank of y at x in layer l, in layer m) = j, over n k
-- source:  Doimo, Glielmo, Ansuini, Laio 2020
-- grain:   one row per (network, pair of layers l < m, k), k those of `measured_neighborhoods` up to the rank that is kept
-- columns:
--   network_id            network
--   layer                 first layer of the pair, 0 = input
--   other_layer           second layer of the pair, after the first
--   k
--   neighborhood_overlap  0 to 1
create or replace view computed_layer_overlaps as
with asked as (
    select
        a.network_id,
        a.layer,
        b.layer as other_layer,
        a.n_points,
        m.k
    from network_layers as a
    join network_layers as b on b.network_id = a.network_id and b.layer > a.layer
    join measured_neighborhoods as m
        on m.network_id = a.network_id and m.k <= least(a.store_rank, b.store_rank)
),
widest as (
    select network_id, max(k) as k from asked group by network_id
),
near as (
    select nl.network_id, nl.layer, n.point, n.neighbor, n.rank
    from network_layers as nl
    join widest as w on w.network_id = nl.network_id
    join neighbors as n on n.layer_id = nl.layer_id and n.rank <= w.k
),
shared as (
    select
        a.network_id,
        a.layer,
        b.layer as other_layer,
        greatest(a.rank, b.rank) as reach,
        count(*) as n_shared
    from near as a
    join near as b
        on b.network_id = a.network_id
        and b.point = a.point
        and b.neighbor = a.neighbor
        and b.layer > a.layer
    group by all
)
select
    w.network_id,
    w.layer,
    w.other_layer,
    w.k,
    coalesce(sum(s.n_shared) filter (s.reach <= w.k), 0) / (w.n_points::double * w.k)
        as neighborhood_overlap
from asked as w
left join shared as s
    on s.network_id = w.network_id and s.layer = w.layer and s.other_layer = w.other_layer
group by w.network_id, w.layer, w.other_layer, w.k, w.n_points;
