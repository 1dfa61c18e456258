-- title:   Similarity of two networks: neighbourhood overlap of every layer of one with every layer of the other
-- formula: mean over points x of #(N_l(x) and N_m(x)) / k; chance = k / (n - 1)
-- source:  Doimo, Glielmo, Ansuini, Laio 2020
-- grain:   one row per layer of one and layer of the other: layer, other_layer, neighborhood_overlap, chance; outputs are left out where no neighbours of theirs are kept
-- example: from similarity_of('tied', 'tied', 5) order by layer, other_layer
create or replace macro similarity_of(network_name, other_name, k) as table
with placed as materialized (
    select
        n.named,
        n.fingerprint,
        nl.of_layer,
        nl.of_id,
        nl.n_points,
        nl.n_distinct,
        stored_k(nl.of_id, k) as upto
    from (
        select x.network_id as of_network, x.name as named, d.fingerprint
        from (select network_id, name, dataset_id from networks) as x
        join (select dataset_id, fingerprint from datasets) as d on d.dataset_id = x.dataset_id
        where x.name in (network_name, other_name)
    ) as n
    join (
        select y.network_id, y.layer as of_layer, y.layer_id as of_id, y.n_points, y.n_distinct
        from network_layers as y
        where not (y.is_output and y.store_rank = 0)
    ) as nl on nl.network_id = n.of_network
),
pair as materialized (
    select
        a.of_layer as first_layer,
        a.of_id as first_id,
        b.of_layer as second_layer,
        b.of_id as second_id,
        a.n_points,
        least(a.n_distinct, b.n_distinct) as n_distinct
    from placed as a
    join placed as b on b.fingerprint = a.fingerprint
    where a.named = network_name and b.named = other_name
),
near as materialized (
    select z.layer_id as of_id, z.point, z.neighbor
    from neighbors as z
    join (select distinct q.of_id, q.upto from placed as q) as w
        on w.of_id = z.layer_id and z.rank <= w.upto
),
shared as (
    select p.first_layer, p.second_layer, count(*) as n_shared
    from pair as p
    join near as x on x.of_id = p.first_id
    join near as y on y.of_id = p.second_id and y.point = x.point and y.neighbor = x.neighbor
    group by p.first_layer, p.second_layer
)
select
    p.first_layer as layer,
    p.second_layer as other_layer,
    case when p.n_distinct > 1 then coalesce(s.n_shared, 0) / (p.n_points::double * k) end
        as neighborhood_overlap,
    k / (p.n_points - 1) as chance
from pair as p
left join shared as s on s.first_layer = p.first_layer and s.second_layer = p.second_layer
union all -- no row, but the error where a network is not there, or of other points
select null, null, null, null
from (select count(distinct q.named) as n_named, count(distinct q.fingerprint) as n_points from placed as q) as found
where case
    when found.n_named < if(network_name = other_name, 1, 2) then error(format(
        'network {} or {} is not in this store, or has no layers: see networks', network_name, other_name
    ))
    when found.n_points > 1 then error(format(
        'networks {} and {} were measured on different points: compare networks of one data set',
        network_name, other_name
    ))
    else false
end;
