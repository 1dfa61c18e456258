-- title:   Linear CKA of two layers of a network
-- formula: linear_cka = |X'Y|^2 / (|X'X| |Y'Y|), X and Y the points of both layers with centred columns;
--          unbiased_cka = H(X, Y) / sqrt(H(X, X) H(Y, Y)), H(X, Y) = |X'Y|^2 - n / (n - 2) sum |x_i|^2 |y_i|^2
--          + sum |x_i|^2 sum |y_i|^2 / ((n - 1) (n - 2)), the unbiased estimate of HSIC but for a factor
-- source:  Kornblith, Norouzi, Lee, Hinton 2019; Song et al. 2012, Nguyen, Raghu, Kornblith 2021 (unbiased)
-- grain:   one row per (network, pair of layers l < m) of the input and the hidden layers
-- columns:
--   network_id    network
--   layer         first layer of the pair, 0 = input
--   other_layer   second layer of the pair, after the first
--   linear_cka    0 to 1: 1 for rotated and scaled copies; NULL with a reason
--   unbiased_cka  -1 to 1: of independent layers its mean is 0; NULL with a reason
--   n_points      points it is measured on: all, or 4,000 of more where a layer has more than 1,024 coordinates
--   sample_seed   seed that these were drawn with, NULL for all points
--   reason        why one is NULL
create table layer_similarities (
    network_id integer not null,
    layer integer not null,
    other_layer integer not null,
    linear_cka double,
    unbiased_cka double,
    n_points integer not null,
    sample_seed bigint,
    reason varchar,
    check (layer < other_layer)
);
