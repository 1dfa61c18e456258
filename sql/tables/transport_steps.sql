-- title:   How points move from a layer to the next, against optimal transport
-- formula: ot_score = largest share of i with T(x_i) = y_i by value, T any optimal assignment of layer l to layer
--          l + 1, least_ot_score the least;
--          transport_efficiency = (w2 / rms_displacement)^2; relative_displacement = mean |y_i - x_i| over the
--          median distance of a point to its nearest neighbour; turning angle between unit steps
-- source:  Gai, Zhang 2021; efficiency, relative displacement: geoflow
-- grain:   one row per (network, layer l = 0..L-1); scores only where both layers have one width
-- columns:
--   network_id             network
--   layer                  layer l the step starts from, 0 = input
--   w2                     Wasserstein distance of both layers, in the unit of the points
--   rms_displacement       root mean square of |y_i - x_i|
--   ot_score               share of points that optimal transport sends where the network does: the largest, where several assignments are optimal
--   transport_efficiency   optimal cost over actual cost, 0 to 1; NULL if no point moves
--   relative_displacement  how far points move compared with their spacing, NULL without a spacing
--   mean_turning_angle     mean angle in radians between this step and the next, NULL for the last
--   reason                 why a score is NULL, reasons separated by semicolons
--   n_points               points it is measured on: all, or 8,000 of more
--   sample_seed            seed that these were drawn with, NULL for all points
--   least_ot_score         the least over all optimal assignments; NULL if written before this was kept
--   is_ot_unique           whether all optimal assignments send every point to the same value; NULL as above
create table transport_steps (
    network_id integer not null,
    layer integer not null,
    w2 double,
    rms_displacement double,
    ot_score double,
    transport_efficiency double,
    relative_displacement double,
    mean_turning_angle double,
    reason varchar,
    n_points integer,
    sample_seed bigint,
    least_ot_score double,
    is_ot_unique boolean
);
