-- title:   Local coefficients of a network along its training
-- formula: mean over points of the local coefficient, and share of negative ones, after e epochs
-- source:  Hehl, von Renesse, Weber 2025
-- grain:   one row per (network, epoch, k, convention, curvature, alpha, end)
-- columns:
--   network_id                network at this epoch: the key of its layers
--   network, final_id, study, dataset, width, depth, replica, epoch, is_final, k, convention,
--   curvature, alpha, end, n_points, n_defined, mean_local_coefficient, share_negative
--   untrained_mean            the mean of the same network at epoch 0, NULL if that was not kept
--   untrained_share_negative  its share of negative ones, NULL likewise
--   train_accuracy, test_accuracy
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
    m.end,
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
window same as (partition by s.final_id, m.k, m.convention, m.curvature, m.alpha, m.end);
