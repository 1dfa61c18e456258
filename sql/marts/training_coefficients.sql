-- title:   Ricci coefficient of a network along its training
-- formula: rho_k of `ricci_coefficients` after e epochs, e in the snapshots of the network and its last
-- source:  Baptista et al. 2024, Eq. 8; along the epochs: Hehl, von Renesse, Weber 2025
-- grain:   one row per (network, epoch, k, convention, start)
-- columns:
--   network_id             the network at this epoch: the key of its layers
--   network                name of the network at the end of its training
--   study                  study
--   dataset                name of the data set
--   width                  name of the widths
--   depth                  hidden layers L
--   replica                number of the network
--   epoch                  passes over the training rows, 0 = untrained
--   is_final               whether this is the end of the training
--   k                      number of neighbours
--   convention             how neighbours become edges
--   start                  hidden: steps from layer 1 on; input: from layer 0 on
--   ricci_coefficient      rho_k, NULL if a graph is not connected or a series is constant
--   reason                 why the coefficient is NULL
--   untrained_coefficient  rho_k of the same network at epoch 0, NULL if it is NULL or was not kept
--   train_accuracy         share of training rows classified correctly at this epoch
--   test_accuracy          share of test points classified correctly at this epoch
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
    c.ricci_coefficient,
    c.reason,
    any_value(c.ricci_coefficient) filter (where s.epoch = 0) over (
        partition by s.final_id, c.k, c.convention, c.start
    ) as untrained_coefficient,
    s.train_accuracy,
    s.test_accuracy
from network_coefficients as c
join snapshot_labels as s on s.network_id = c.network_id
where s.epoch is not null;
