-- title:   How points move from a layer to the next, against optimal transport
-- formula: ot_score = share of i with T(x_i) = y_i by value, T the optimal assignment of layer l to layer l + 1;
--          transport_efficiency = (w2 / rms_displacement)^2; relative_displacement = mean |y_i - x_i| over the
--          median distance of a point to its nearest neighbour; turning angle between unit steps
-- source:  Gai, Zhang 2021; efficiency, relative displacement: geoflow
-- grain:   one row per (network, layer l = 0..L-1); scores only where both layers have one width
-- columns:
--   network_id             network
--   layer                  layer l the step starts from, 0 = input
--   method                 exact, or entropic above 3,000 points
--   regularisation         of the entropic plan, NULL if exact
--   w2                     Wasserstein distance of both layers, in the unit of the points
--   rms_displacement       root mean square of |y_i - x_i|
--   ot_score               share of points that optimal transport sends where the network does
--   transport_efficiency   optimal cost over actual cost, 0 to 1; NULL if no point moves
--   relative_displacement  how far points move compared with their spacing, NULL without a spacing
--   mean_turning_angle     mean angle in radians between this step and the next, NULL for the last
--   reason                 why a score is NULL, reasons separated by semicolons
create table transport_steps (
    network_id integer not null,
    layer integer not null,
    method varchar,
    regularisation double,
    w2 double,
    rms_displacement double,
    ot_score double,
    transport_efficiency double,
    relative_displacement double,
    mean_turning_angle double,
    reason varchar
);
