-- title:   Every score of a layer, one under another
-- formula: those of a step from layer l to l + 1 stand at layer l
-- source:  geoflow; `scores` says where each is from
-- grain:   one row per (network, layer l = 0..L, score, keys), NULL scores left out
-- columns:
--   network_id
--   network
--   study       study
--   base_study, variant, dataset
--   layer       layer l, 0 = input
--   score       which; `scores` says what it is
--   k           number of neighbours, NULL for scores of no graph
--   convention  how neighbours become edges, NULL for scores of no graph
--   curvature   kind of curvature, NULL for scores of none
--   alpha
--   points      around which points it is measured, NULL if that is no choice
--   radius      radius of the frames, NULL for scores of none
--   value       the score
create or replace view layer_scores as
with scored as (
{rows of layer scores}
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
