-- title:   The whole way of the points through the longest run of layers of one width
-- formula: line_shape_score = mean over points of n_steps / |sum of unit steps|; ot_score, efficiency, w2 between
--          the first and the last layer of the track, ot_score and least_ot_score the largest and the least share of
--          points at their own image over all optimal assignments; w2_path_length = sum over steps of w2;
--          w2_geodesic_length = w2 of the whole
-- source:  Gai, Zhang 2021; efficiency, path over geodesic: geoflow
-- grain:   one row per network
-- columns:
--   network_id             network
--   first_layer            first layer of the track, the longest run of layers of one width, the last if equally long
--   last_layer             last layer of the track
--   n_steps                steps of the track
--   n_points               points it is measured on: all, or 8,000 of more
--   n_defined              points with a line-shape score
--   line_shape_score       mean over points, 1 = straight; NULL if no point has one, as in a track of one step
--   w2                     Wasserstein distance between both ends, in the unit of the points
--   rms_displacement       root mean square distance of a point's ends
--   ot_score               share of points that optimal transport sends where the network does: the largest, where several assignments are optimal
--   transport_efficiency   optimal cost over actual cost, 0 to 1
--   relative_displacement  how far points move compared with their spacing
--   w2_path_length         sum of the W2 of the steps
--   w2_geodesic_length     W2 between both ends: path length is never less
--   reason                 why a score is NULL, reasons separated by semicolons
--   median_line_shape      median of the points' line-shape scores; NULL if no point has one, or if written before this was kept
--   sample_seed            seed that these were drawn with, NULL for all points
--   least_ot_score         the least over all optimal assignments; NULL if written before this was kept
--   is_ot_unique           whether all optimal assignments send every point to the same value; NULL as above
create table transport_tracks (
    network_id integer not null,
    first_layer integer not null,
    last_layer integer not null,
    n_steps integer,
    n_points integer,
    n_defined integer,
    line_shape_score double,
    w2 double,
    rms_displacement double,
    ot_score double,
    transport_efficiency double,
    relative_displacement double,
    w2_path_length double,
    w2_geodesic_length double,
    reason varchar,
    median_line_shape double,
    sample_seed bigint,
    least_ot_score double,
    is_ot_unique boolean
);
