-- title:   Local flow of kinds of networks: trained, untrained, published
-- formula: mean over networks of the mean over points of the local coefficient, and of the share of
--          points with a negative one; sample standard deviation over networks
-- source:  Hehl, von Renesse, Weber 2025; published numbers as in published_local_coefficients
-- grain:   one row per (study, data set, width, depth, k, convention, curvature, alpha, end)
-- columns:
--   study, dataset_id, dataset
--   width                         name of the widths
--   depth, k, convention, curvature, alpha, end
--   n_networks                    networks
--   n_defined                     of these, networks with a point that has a local coefficient
--   mean_local_coefficient        mean over the latter, NULL if there are none
--   standard_deviation            over the latter, NULL below two
--   share_negative                share of points with a negative coefficient, mean over the latter
--   n_untrained                   networks whose untrained selves have a mean
--   untrained_mean                mean over these before training, NULL if there are none
--   untrained_standard_deviation  over these, NULL below two
--   untrained_share_negative      the share before training, mean over these
--   published_mean                mean as published, of union graphs and series that end with the output, NULL if it is not
--   published_share_negative
--   test_accuracy                 mean share of test points classified correctly
create or replace view local_flow_comparison as
with kinds as (
    select
        s.study,
        n.dataset_id,
        s.dataset,
        s.width,
        s.depth,
        s.k,
        s.convention,
        s.curvature,
        s.alpha,
        s.end,
        count(*) as n_networks,
        count(mean_local_coefficient) as n_defined,
        avg(mean_local_coefficient) as mean_local_coefficient,
        stddev_samp(mean_local_coefficient) as standard_deviation,
        avg(share_negative) as share_negative,
        count(untrained_mean) as n_untrained,
        avg(untrained_mean) as untrained_mean,
        stddev_samp(untrained_mean) as untrained_standard_deviation,
        avg(untrained_share_negative) as untrained_share_negative,
        avg(s.test_accuracy) as test_accuracy
    from local_summary as s
    join network_labels as n on n.network_id = s.network_id
    group by all
)
select
    c.study,
    c.dataset_id,
    c.dataset,
    c.width,
    c.depth,
    c.k,
    c.convention,
    c.curvature,
    c.alpha,
    c.end,
    c.n_networks,
    c.n_defined,
    c.mean_local_coefficient,
    c.standard_deviation,
    c.share_negative,
    c.n_untrained,
    c.untrained_mean,
    c.untrained_standard_deviation,
    c.untrained_share_negative,
    p.published_mean_local_coefficient::double as published_mean,
    p.published_share_negative::double as published_share_negative,
    c.test_accuracy
from kinds as c
left join published_local_coefficients as p
    on p.dataset = c.dataset
    and p.width = c.width
    and p.depth = c.depth
    and p.k = c.k
    and p.curvature = c.curvature
    and c.convention = 'union'
    and c.end = 'output';
