-- title:   Every score of a pair of layers, one under another
-- source:  geoflow; `scores` says where each is from
-- grain:   one row per (network, pair of layers, score, keys), NULL scores left out
-- columns:
--   network_id
--   network
--   study       study
--   base_study, variant, dataset, layer, other_layer
--   score       which; `scores` says what it is
--   k           number of neighbours, NULL for scores of no graph
--   convention  how neighbours become edges, NULL for scores of no graph
--   curvature   kind of curvature, NULL for scores of none
--   alpha       idle mass, NULL for curvatures that have none
--   points      around which points it is measured, NULL if that is no choice
--   radius      radius of the frames, NULL for scores of none
--   value       the score
create or replace view pair_scores as
with scored as (
{rows of pair scores}
)
select
    s.network_id,
    n.network,
    n.study,
    n.base_study,
    n.variant,
    n.dataset,
    s.* exclude (network_id)
from scored as s
join network_labels as n on n.network_id = s.network_id
where s.value is not null;
