-- title:   Ricci coefficient of a network along its training
-- formula: rho_k of `ricci_coefficients` after e epochs, e in the snapshots of the network and its last
-- source:  Baptista et al. 2024, Eq. 8; along the epochs: Hehl, von Renesse, Weber 2025
-- grain:   one row per (network, epoch, k, convention, start, end)
-- columns:
--   network_id, network, study, dataset, width, depth, replica, epoch, is_final, k, convention,
--   start, end, ricci_coefficient, reason
--   untrained_coefficient  rho_k of the same network at epoch 0, NULL if it is NULL or was not kept
--   train_accuracy, test_accuracy
create or replace view training_coefficients as
select
    s.network_id,
    s.network,
    s.study,
    s.dataset,
    s.width,
    s.depth,
    s.replica,
    s.epoch,
    s.is_final,
    c.k,
    c.convention,
    c.start,
    c.end,
    c.ricci_coefficient,
    c.reason,
    any_value(c.ricci_coefficient) filter (where s.epoch = 0) over (
        partition by s.final_id, c.k, c.convention, c.start, c.end
    ) as untrained_coefficient,
    s.train_accuracy,
    s.test_accuracy
from network_coefficients as c
join snapshot_labels as s on s.network_id = c.network_id
where s.epoch is not null;
