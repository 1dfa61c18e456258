-- title:   The coefficients of a study beside those of every study of the same kind of network
-- formula: mean, standard deviation, quartiles and share below 0 of rho_k* of accurate networks;
--          k* is the optimal k of `study`, chosen for it and not for the other
-- source:  geoflow: what the coefficient of a trained network is worth beside an untrained one
-- grain:   one row per (study, other study that has k*, data set, width, depth, convention, start, end); a data set is its points
--          and labels, whatever a study calls it
-- columns:
--   study               study whose k* it is
--   other_study         study whose networks are counted; one row is the study itself
--   dataset_id          data set of `study`
--   dataset             what `study` calls it
--   width, depth, convention, start, end
--   k                   k* of `study`
--   n_accurate          networks of the other study above its accuracy threshold
--   n                   of these, networks with a coefficient at k
--   mean                mean of their coefficients
--   standard_deviation  sample standard deviation, NULL below two networks
--   quartile_1          first quartile, between values in proportion
--   median              median
--   quartile_3          third quartile
--   share_negative      share of the coefficients below 0
create or replace view coefficients_across_studies as
select
    o.study,
    n.study as other_study,
    o.dataset_id,
    o.dataset,
    o.width,
    o.depth,
    o.convention,
    o.start,
    o.end,
    o.optimal_k as k,
    count(*) as n_accurate,
    count(r.ricci_coefficient) as n,
    avg(r.ricci_coefficient) as mean,
    stddev_samp(r.ricci_coefficient) as standard_deviation,
    quantile_cont(r.ricci_coefficient, 0.25) as quartile_1,
    quantile_cont(r.ricci_coefficient, 0.5) as median,
    quantile_cont(r.ricci_coefficient, 0.75) as quartile_3,
    share_below(r.ricci_coefficient, 0) as share_negative
from optimal_k as o
join datasets as own on own.dataset_id = o.dataset_id
join datasets as d on d.fingerprint = own.fingerprint
join network_labels as n
    on n.dataset_id = d.dataset_id
    and n.width = o.width
    and n.depth = o.depth
    and n.is_accurate
join network_coefficients as r
    on r.network_id = n.network_id
    and r.k = o.optimal_k
    and r.convention = o.convention
    and r.start = o.start
    and r.end = o.end
group by o.study, n.study, o.dataset_id, o.dataset, o.width, o.depth, o.convention, o.start, o.end, o.optimal_k;
