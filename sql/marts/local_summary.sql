-- title:   Local flow of a network, beside its untrained self
-- formula: mean over points of the local coefficient; share of points with a negative one
-- source:  Hehl, von Renesse, Weber 2025
-- grain:   one row per (network, k, convention, curvature, alpha, end)
-- columns:
--   network_id                network
--   network, study, dataset, width, depth, replica, k, convention, curvature, alpha, end, n_points,
--   n_defined, mean_local_coefficient, share_negative, untrained_mean, untrained_share_negative,
--   test_accuracy
create or replace view local_summary as
select * exclude (final_id, epoch, is_final, train_accuracy)
from local_training_coefficients
where is_final;
