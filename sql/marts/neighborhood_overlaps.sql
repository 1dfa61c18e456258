-- title:   Neighbourhood overlap of the layers of a network
-- formula: mean over points x of #(N_l(x) and N_m(x)) / k, N_l(x) the k nearest neighbours of x in layer l;
--          chance = k / (n - 1)
-- source:  Doimo, Glielmo, Ansuini, Laio 2020
-- grain:   one row per (network, pair of layers l < m, k), snapshots included
-- columns:
--   network_id            network at this epoch: the key of its layers
--   network, study, dataset, epoch, is_final
--   layer, other_layer, is_with_output, k, neighborhood_overlap, chance, n_tied, other_n_tied, reason
create or replace view neighborhood_overlaps as
select
    o.network_id,
    n.network,
    n.study,
    n.dataset,
    n.epoch,
    n.is_final,
    o.layer,
    o.other_layer,
    o.is_with_output,
    o.k,
    o.neighborhood_overlap,
    o.chance,
    o.n_tied,
    o.other_n_tied,
    o.reason
from pair_overlaps as o
join snapshot_labels as n on n.network_id = o.network_id;
