-- title:   Affinity scores of activations
-- formula: rho_aff(X, Y) = 1 - sqrt(W2(T X, Y)^2 / (2 tr S_Y)): X before, Y after the activation, T the optimal map of
--          the fitted normals, S_Y the covariance over n - 1, + 1e-6 I
-- source:  Bouniot et al., CVPR 2025, arXiv 2310.11439
-- grain:   one row per (network, hidden layer)
-- columns:
--   network_id      network
--   layer           hidden layer, from 1
--   affinity_score  1 = affine, in [0, 1]; NULL with a reason
--   reason          why it is NULL
--   n_points        points it is measured on: all, or 8,000 of more
--   sample_seed     seed that these were drawn with, NULL for all points
create table layer_affinities (
    network_id integer not null,
    layer integer not null,
    affinity_score double,
    reason varchar,
    n_points integer,
    sample_seed bigint
);
