-- title:   The way of the weights during training
-- formula: path_length = sum over steps of |theta_{t+1} - theta_t|; chord = |theta_T - theta_0|
-- source:  Seroussi et al., arXiv 2307.14653
-- grain:   one row per network trained with transport geometry, for all its epochs: not until an accuracy
-- columns:
--   network_id      network
--   n_steps         steps of the optimizer
--   path_length     length of the path of all weights
--   chord           distance of its ends
--   first_loss      training loss before the first step
--   last_loss       training loss after the last step
--   is_full_batch   whether every step saw all training rows
create table weight_paths (
    network_id integer not null,
    n_steps integer not null,
    path_length double not null,
    chord double not null,
    first_loss double not null,
    last_loss double not null,
    is_full_batch boolean not null
);
