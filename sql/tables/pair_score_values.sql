-- title:   Scores of pairs of layers that are computed of activations by a function, a user's own among them
-- source:  geoflow; `scores` says what each is, `own_scores` what a label stands for
-- grain:   one row per (network, pair of layers, score)
-- columns:
--   network_id   network
--   layer        first layer of the pair, 0 = input
--   other_layer  second layer of the pair, after the first
--   score        name of a score, or label of a user's
--   value        the score, NULL with a reason
--   reason       why it is NULL
create table pair_score_values (
    network_id integer not null,
    layer integer not null,
    other_layer integer not null,
    score varchar not null,
    value double,
    reason varchar,
    check (layer < other_layer)
);
