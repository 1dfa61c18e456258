-- title:   Every score of a network at the end of its training, one under another
-- source:  geoflow; `scores` says where each is from
-- grain:   one row per (network, score, keys), NULL scores left out; training_scores has the epochs before
-- columns:
--   network_id
--   network     name of the network
--   study, base_study, variant, dataset, score, k, convention, curvature, alpha, points, radius, value
create or replace view network_scores as
select network_id, network, study, base_study, variant, dataset, score, k, convention, curvature, alpha, points, radius, value
from training_scores
where is_final;
