-- title:   Non-linearity signature of a network
-- formula: affinity score of each activation, in the order of the layers
-- source:  Bouniot et al., CVPR 2025, arXiv 2310.11439
-- grain:   one row per (network, hidden layer)
-- columns:
--   network_id, network, study, dataset, depth, layer, affinity_score, n_points, sample_seed, reason
create or replace view nonlinearity_signature as
select
    a.network_id,
    n.network,
    n.study,
    n.dataset,
    n.depth,
    a.layer,
    a.affinity_score,
    a.n_points,
    a.sample_seed,
    a.reason
from layer_affinities as a
join network_labels as n on n.network_id = a.network_id;
