-- title:   The way of a point through the longest run of layers of one width
-- formula: line_shape_score = n_steps / |sum of unit steps|, steps of length 0 left out
-- source:  Gai, Zhang 2021
-- grain:   one row per (network, point measured), for networks kept at detail nodes or more
-- columns:
--   network_id        network
--   point             point
--   n_steps           steps of non-zero length
--   line_shape_score  1 = straight; NULL if the point never moves, its directions cancel, or the track has one step
--   path_length       sum of the lengths of its steps, in the unit of the points
--   displacement      distance of its ends
--   is_optimal        whether optimal transport sends it where the network does, of the assignments that do so for most points; NULL if written from an entropic plan
--   reason            why line_shape_score is NULL
create table point_tracks (
    network_id integer not null,
    point integer not null,
    n_steps integer not null,
    line_shape_score float,
    path_length float not null,
    displacement float not null,
    is_optimal boolean,
    reason varchar
);
