-- title:   Local coefficients of a network's points, summed up
-- formula: mean over points of the local coefficient; share of points with a negative one
-- source:  Hehl, von Renesse, Weber 2025
-- grain:   one row per (network, k, convention, curvature, alpha, end), snapshots included
-- columns:
--   network_id, k, convention, curvature, alpha, end
--   n_points                points
--   n_defined               points with a local coefficient
--   mean_local_coefficient  mean over these, NULL if there are none
--   share_negative          share of these with a negative coefficient, NULL if there are none
create or replace view local_means as
select
    network_id,
    k,
    convention,
    curvature,
    alpha,
    "end",
    count(*) as n_points,
    count(local_coefficient) as n_defined,
    avg(local_coefficient) as mean_local_coefficient,
    share_below(local_coefficient, 0) as share_negative
from point_coefficients
group by all;
