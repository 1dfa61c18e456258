-- title:   Local flow of a network, beside its untrained self
-- formula: mean over points of the local coefficient; share of points with a negative one
-- source:  Hehl, von Renesse, Weber 2025, section 3
-- grain:   one row per (network, k, convention, curvature, alpha)
-- columns:
--   network_id                network
--   network                   name of the network
--   study                     study
--   dataset                   name of the data set
--   width                     name of the widths
--   depth                     hidden layers L
--   replica                   number of the network
--   k                         number of neighbours
--   convention                union or mutual
--   curvature                 kind of curvature
--   alpha                     idle mass, NULL for curvatures that have none
--   n_points                  points
--   n_defined                 points with a local coefficient
--   mean_local_coefficient    mean over these, NULL if there are none
--   share_negative            share of these with a negative coefficient
--   untrained_mean            the mean before training, NULL if epoch 0 is no snapshot
--   untrained_share_negative  the share before training, NULL likewise
--   test_accuracy             share of test points classified correctly
create or replace view local_summary as
select * exclude (final_id, epoch, is_final, train_accuracy)
from local_training_coefficients
where is_final;
