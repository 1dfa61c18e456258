-- title:   Neighbourhood overlap of the layers of a network
-- formula: mean over points x of #(N_l(x) and N_m(x)) / k, N_l(x) the k nearest neighbours of x in layer l;
--          chance = k / (n - 1)
-- source:  Doimo, Glielmo, Ansuini, Laio 2020
-- grain:   one row per (network, pair of layers l < m, k), snapshots included
-- columns:
--   network_id            network at this epoch: the key of its layers
--   network, study, dataset, epoch, is_final
--   layer                 first layer of the pair, 0 = input
--   other_layer
--   is_with_output        whether the second layer is the output
--   k
--   neighborhood_overlap  0 to 1; NULL with a reason
--   chance                overlap of neighbours drawn at random
--   n_tied                points of the first layer whose neighbour k + 1 is as far as neighbour k: which of them counts, their index decides
--   other_n_tied          the same of the second layer
--   reason                why the overlap is NULL
create or replace view neighborhood_overlaps as
select
    a.network_id,
    n.network,
    n.study,
    n.dataset,
    n.epoch,
    n.is_final,
    a.layer,
    b.layer as other_layer,
    b.is_output as is_with_output,
    m.k,
    case when least(a.n_distinct, b.n_distinct) > 1 then o.neighborhood_overlap end
        as neighborhood_overlap,
    m.k / (a.n_points - 1) as chance,
    h.n_tied,
    i.n_tied as other_n_tied,
    case
        when least(a.store_rank, b.store_rank) < m.k
            then rank_reason(least(a.store_rank, b.store_rank), m.k)
        when least(a.n_distinct, b.n_distinct) = 1 then 'all points of a layer are the same'
    end as reason
from network_layers as a
join network_layers as b on b.network_id = a.network_id and b.layer > a.layer
join snapshot_labels as n on n.network_id = a.network_id
join measured_neighborhoods as m on m.network_id = a.network_id
left join layer_overlaps as o
    on o.network_id = a.network_id and o.layer = a.layer and o.other_layer = b.layer and o.k = m.k
left join neighborhoods as h on h.layer_id = a.layer_id and h.k = m.k
left join neighborhoods as i on i.layer_id = b.layer_id and i.k = m.k;
