-- title:   Every score of a network at the end of its training, one under another
-- source:  geoflow; each score has its own view
-- grain:   one row per (network, score), NULL scores left out; training_scores has the epochs before
-- columns:
--   network_id  network
--   network, study, dataset
--   score       which: ricci_coefficient and local_coefficient name their convention, curvature and k
--   value
create or replace view network_scores as
select network_id, network, study, dataset, score, value
from training_scores
where is_final;
