-- title:   Scores of layers that are computed of activations by a function, a user's own among them
-- source:  geoflow; `scores` says what each is, `own_scores` what a label stands for
-- grain:   one row per (network, layer, score)
-- columns:
--   network_id  network
--   layer       layer, 0 = input
--   score       name of a score, or label of a user's
--   value       the score, NULL with a reason
--   reason      why it is NULL
create table layer_score_values (
    network_id integer not null,
    layer integer not null,
    score varchar not null,
    value double,
    reason varchar
);
