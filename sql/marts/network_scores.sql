-- title:   Every score of a network at the end of its training, one under another
-- source:  geoflow; `scores` says where each is from
-- grain:   one row per (network, score, keys), NULL scores left out; training_scores has the epochs before
-- columns:
--   network_id  network
--   network     name of the network
--   study       study
--   base_study  study without the name of its variant
--   variant     name of the variant, NULL if the study is none
--   dataset     name of the data set
--   score       which; `scores` says what it is
--   k  number of neighbours, NULL for scores of no graph
--   convention  how neighbours become edges, NULL for scores of no graph
--   curvature  kind of curvature, NULL for scores of none
--   alpha  idle mass, NULL for curvatures that have none
--   points  around which points it is measured, NULL if that is no choice
--   radius  radius of the frames, NULL for scores of none
--   value       the score
create or replace view network_scores as
select network_id, network, study, base_study, variant, dataset, score, k, convention, curvature, alpha, points, radius, value
from training_scores
where is_final;
