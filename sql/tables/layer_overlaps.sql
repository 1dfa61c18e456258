-- title:   Neighbourhood overlap of two layers of a network
-- formula: mean over points x of #(N_l(x) and N_m(x)) / k, N_l(x) the k nearest neighbours of x in layer l
-- source:  Doimo, Glielmo, Ansuini, Laio 2020
-- grain:   one row per (network, pair of layers l < m, k), k those of `measured_neighborhoods` up to the rank that is kept
-- columns:
--   network_id            network
--   layer                 first layer of the pair, 0 = input
--   other_layer           second layer of the pair, after the first
--   k                     number of neighbours
--   neighborhood_overlap  0 to 1
create table layer_overlaps (
    network_id integer not null,
    layer integer not null,
    other_layer integer not null,
    k integer not null,
    neighborhood_overlap double not null,
    check (layer < other_layer)
);
