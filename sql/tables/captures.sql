-- title:   Networks whose activations were captured from a torch module
-- source:  geoflow
-- grain:   one row per captured network or snapshot
-- columns:
--   network_id     network
--   model          class of the module
--   torch_version  version of torch that ran it
--   device         device of its weights
--   dtype          type of its weights
--   weights        SHA-256 of its parameters and buffers: names, types, shapes and bits
--   inputs         SHA-256 of all that it was called with, row by row
--   output_form    whether its output was read as logits or probabilities, NULL if it is no classifier of the labels
create table captures (
    network_id integer not null,
    model varchar not null,
    torch_version varchar not null,
    device varchar not null,
    dtype varchar not null,
    weights varchar not null,
    inputs varchar not null,
    output_form varchar check (output_form in ('logits', 'probabilities'))
);
