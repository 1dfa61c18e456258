-- title:   Where the neighbours of a point are in the next layer
-- formula: eta_l(x) = hop_sum / n_neighbors - 1 = mean over y in N_l(x) of [gamma_{l+1}(x, y) - 1]
-- source:  Hehl, von Renesse, Weber 2025
-- grain:   one row per (network, layer l = 0..L-1, and L where the output is a layer, k, convention, point), for networks with local geometry kept at detail nodes or more
-- columns:
--   network_id     network
--   layer          layer l the step starts from, 0 = input
--   k              number of neighbours
--   convention     union or mutual
--   point          point x
--   n_neighbors    neighbours of x in layer l
--   n_unreachable  those of them without a path to x in layer l + 1
--   hop_sum        sum of hops in layer l + 1 from x to the others
create table expansions (
    network_id integer not null,
    layer integer not null,
    k integer not null,
    convention varchar not null check (convention in ('union', 'mutual')),
    point integer not null,
    n_neighbors integer not null,
    n_unreachable integer not null,
    hop_sum bigint not null
);
