-- title:   Layers that were captured from a torch module, and where in it
-- source:  geoflow; projection: Li, Hastie, Church 2006
-- grain:   one row per (captured network or snapshot, layer l = 1..L)
-- columns:
--   network_id    network
--   layer         index of the layer
--   path          path of the module in its model
--   class         class of the module
--   call          which of its calls, from 0
--   n_calls       how often it runs in a forward pass
--   pooling       how a point became one row: flatten, mean, max, first, last, tokens, none or a function's name
--   shape         what the module gives for a point, before that
--   dtype         type of its numbers; float32 went on
--   project       coordinates that it was projected to, NULL if it was not
--   project_seed  seed of the projection
create table captured_layers (
    network_id integer not null,
    layer integer not null,
    path varchar not null,
    class varchar not null,
    call integer not null,
    n_calls integer not null,
    pooling varchar not null,
    shape bigint[] not null,
    dtype varchar not null,
    project integer,
    project_seed bigint
);
