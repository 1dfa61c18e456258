-- title:   Similarity of two networks: neighbourhood overlap of any layer of one with any layer of another
-- formula: mean over points x of #(N_l(x) and N_m(x)) / k, N_l(x) the k nearest neighbours of x in layer l of one network,
--          N_m(x) those in layer m of the other; chance = k / (n - 1)
-- source:  Doimo, Glielmo, Ansuini, Laio 2020
-- grain:   one row per (network, other network, layer, layer of the other, k) of networks on the same points at the end of
--          their training, both orders: filter by network_id and other_id; k those that both are measured with and keep
-- columns:
--   network_id            network
--   network               its name
--   other_id              another
--   other                 its name
--   layer                 layer of the network, 0 = input
--   other_layer           layer of the other, 0 = input
--   k
--   neighborhood_overlap  0 to 1; NULL where all points of a layer are the same
--   chance                overlap of neighbours drawn at random
create or replace view network_overlaps as
with placed as (
    select
        nl.network_id,
        n.name as network,
        nl.layer,
        nl.layer_id,
        nl.n_points,
        nl.n_distinct,
        nl.store_rank,
        d.fingerprint
    from network_layers as nl
    join networks as n on n.network_id = nl.network_id
    join datasets as d on d.dataset_id = n.dataset_id
    where n.final_id is null
),
pair as (
    select
        a.network_id,
        a.network,
        a.layer,
        a.layer_id,
        b.network_id as other_id,
        b.network as other,
        b.layer as other_layer,
        b.layer_id as other_layer_id,
        a.n_points,
        least(a.n_distinct, b.n_distinct) as n_distinct,
        m.k
    from placed as a
    join placed as b on b.fingerprint = a.fingerprint and b.network_id <> a.network_id
    join measured_neighborhoods as m on m.network_id = a.network_id
    join measured_neighborhoods as o on o.network_id = b.network_id and o.k = m.k
    where m.k <= least(a.store_rank, b.store_rank)
),
shared as (
    select p.layer_id, p.other_layer_id, p.k, count(*) as n_shared
    from (select distinct layer_id, other_layer_id, k from pair) as p
    join neighbors as x on x.layer_id = p.layer_id and x.rank <= p.k
    join neighbors as y
        on y.layer_id = p.other_layer_id and y.point = x.point and y.neighbor = x.neighbor and y.rank <= p.k
    group by all
)
select
    p.network_id,
    p.network,
    p.other_id,
    p.other,
    p.layer,
    p.other_layer,
    p.k,
    case when p.n_distinct > 1 then coalesce(s.n_shared, 0) / (p.n_points::double * p.k) end
        as neighborhood_overlap,
    p.k / (p.n_points - 1) as chance
from pair as p
left join shared as s
    on s.layer_id = p.layer_id and s.other_layer_id = p.other_layer_id and s.k = p.k;
