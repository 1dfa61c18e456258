-- title:   Local coefficients of a network's points, summed up
-- formula: mean over points of the local coefficient; share of points with a negative one
-- source:  Hehl, von Renesse, Weber 2025, section 3
-- grain:   one row per (network, k, convention, curvature, alpha), snapshots included
-- columns:
--   network_id, k, convention, curvature, alpha
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
    count(*) as n_points,
    count(local_coefficient) as n_defined,
    avg(local_coefficient) as mean_local_coefficient,
    avg((local_coefficient < 0)::integer) as share_negative
from point_coefficients
group by all;
