-- title:   Layers
-- source:  geoflow
-- grain:   one row per representation of the test points
-- columns:
--   layer_id    key
--   dataset_id  data set
--   network_id  network; NULL for the input layer, which belongs to the data set
--   layer       index of the layer: 0 = input, 1..L = hidden layers after their activation, L + 1 = output
--   is_output   whether it is what the network says: its probabilities, or what a user gave as output
--   n_units     coordinates of a point: units of a hidden layer, features of the input, 1 or the classes of an output
--   n_points    points n
--   n_distinct  distinct points
--   store_rank  neighbours are kept up to this rank (0 = none kept)
create table layers (
    layer_id integer primary key,
    dataset_id integer not null references datasets (dataset_id),
    network_id integer references networks (network_id),
    layer integer not null,
    is_output boolean not null,
    n_units integer not null,
    n_points integer not null,
    n_distinct integer not null,
    store_rank integer not null,
    check ((layer = 0) = (network_id is null))
);
