-- title:   Neighbourhood overlap of pairs of layers, without names
-- formula: mean over points x of #(N_l(x) and N_m(x)) / k, N_l(x) the k nearest neighbours of x in layer l;
--          chance = k / (n - 1)
-- source:  Doimo, Glielmo, Ansuini, Laio 2020
-- grain:   one row per (network, pair of layers l < m, k), snapshots included
-- columns:
--   network_id
--   layer                 first layer of the pair, 0 = input
--   other_layer
--   is_with_output        whether the second layer is the output
--   k
--   neighborhood_overlap  0 to 1; NULL with a reason
--   chance                overlap of neighbours drawn at random
--   n_tied                points of the first layer whose neighbour k + 1 is as far as neighbour k: which of them counts, their index decides
--   other_n_tied          the same of the second layer
--   reason                why the overlap is NULL
create or replace view pair_overlaps as
select
    a.network_id,
    a.layer,
    b.layer as other_layer,
    b.is_output as is_with_output,
    a.k,
    case when least(a.n_distinct, b.n_distinct) > 1 then o.neighborhood_overlap end
        as neighborhood_overlap,
    a.k / (a.n_points - 1) as chance,
    a.n_tied,
    b.n_tied as other_n_tied,
    case
        when least(a.store_rank, b.store_rank) < a.k
            then rank_reason(least(a.store_rank, b.store_rank), a.k)
        when least(a.n_distinct, b.n_distinct) = 1 then 'all points of a layer are the same'
    end as reason
from layer_neighborhoods as a
join layer_neighborhoods as b on b.network_id = a.network_id and b.k = a.k and b.layer > a.layer
left join layer_overlaps as o
    on o.network_id = a.network_id and o.layer = a.layer and o.other_layer = b.layer and o.k = a.k;
