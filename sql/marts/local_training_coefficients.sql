-- title:   Local coefficients of a network along its training
-- formula: mean over points of the local coefficient, and share of negative ones, after e epochs
-- source:  Hehl, von Renesse, Weber 2025, sections 3 and 6
-- grain:   one row per (network, epoch, k, convention, curvature, alpha)
-- columns:
--   network_id                network at this epoch: the key of its layers
--   network                   name of the network at the end of its training
--   final_id                  key of the network at the end of its training
--   study                     study
--   dataset                   name of the data set
--   width                     name of the widths
--   depth                     hidden layers L
--   replica                   number of the network
--   epoch                     passes over the training rows, 0 = untrained; NULL if ingested
--   is_final                  whether this is the end of the training
--   k                         number of neighbours
--   convention                union or mutual
--   curvature                 kind of curvature
--   alpha                     idle mass, NULL for curvatures that have none
--   n_points                  points
--   n_defined                 points with a local coefficient
--   mean_local_coefficient    mean over these
--   share_negative            share of these with a negative coefficient
--   untrained_mean            the mean of the same network at epoch 0, NULL if that was not kept
--   untrained_share_negative  its share of negative ones, NULL likewise
--   train_accuracy            share of training rows classified correctly at this epoch
--   test_accuracy             share of test points classified correctly at this epoch
create or replace view local_training_coefficients as
select
    s.network_id,
    s.network,
    s.final_id,
    s.study,
    s.dataset,
    s.width,
    s.depth,
    s.replica,
    s.epoch,
    s.is_final,
    m.k,
    m.convention,
    m.curvature,
    m.alpha,
    m.n_points,
    m.n_defined,
    m.mean_local_coefficient,
    m.share_negative,
    any_value(m.mean_local_coefficient) filter (where s.epoch = 0) over same as untrained_mean,
    any_value(m.share_negative) filter (where s.epoch = 0) over same as untrained_share_negative,
    s.train_accuracy,
    s.test_accuracy
from local_means as m
join snapshot_labels as s on s.network_id = m.network_id
window same as (partition by s.final_id, m.k, m.convention, m.curvature, m.alpha);
