-- title:   The affinity score of each layer, mean over networks
-- source:  Bouniot et al., CVPR 2025, arXiv 2310.11439
-- grain:   one row per (variant, data set, family, width, depth, weight decay, recipe, layer)
-- parameters:
--   study  study without the name of its variant
select n.family, n.width, n.depth, n.weight_decay, n.recipe, n.series, n.variant, n.dataset, s.layer,
    count(s.affinity_score) as n_networks,
    round(avg(s.affinity_score), 9) as affinity_score
from nonlinearity_signature as s
join network_labels as n on n.network_id = s.network_id
where n.base_study = $study and s.affinity_score is not null
group by all
order by dataset, depth, width, family, recipe, weight_decay, variant, layer;
