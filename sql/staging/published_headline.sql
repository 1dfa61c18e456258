-- title:   The headline numbers of the paper
-- source:  Baptista et al. 2024, section 4 and Table S2
-- grain:   one row
-- columns:
--   n_networks         networks trained
--   n_below_threshold  of these, at or below the accuracy threshold of their data set
--   n_accurate         the others
--   n_disconnected     of these, with a layer graph that is not connected at the optimal k
--   n_reported         the others
--   n_negative         of these, with a negative Ricci coefficient
--   share_negative     n_negative / n_reported
--   t                  t of the coefficient in the regression of test accuracy
--   p                  its p
create or replace view published_headline as
select
    1512 as n_networks,
    151 as n_below_threshold,
    1361 as n_accurate,
    134 as n_disconnected,
    1227 as n_reported,
    1144 as n_negative,
    0.932::double as share_negative,
    -2.27::double as t,
    0.023::double as p;
