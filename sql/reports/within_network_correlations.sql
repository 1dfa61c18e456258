-- title:   Do these geometries say the same thing of layers, of points? Correlation of every pair of their scores
-- formula: mean over networks of r +- t_0.975 sd / sqrt(n_networks), cut to [-1, 1], r of `network_correlations`
-- source:  geoflow; score_correlations has those over networks
-- grain:   one row per (study, data set, family, weight decay, recipe, across, pair of scores), both orders; variants are one
--          study, all widths and depths one mean
-- columns:
--   study             study, without the name of the variant
--   dataset_id, dataset, family, weight_decay, recipe, across, score, k, convention, curvature, alpha, points, radius
--   label             score and its keys, as people read them
--   other, other_k, other_convention, other_curvature, other_alpha, other_points, other_radius
--   other_label       the other and its keys
--   n_networks        networks with an r: neither score is constant
--   correlation       mean of r, NULL if no network has one
--   correlation_low   lower end of its 95 % interval, NULL for fewer than two networks
--   correlation_high  upper end
create or replace view within_network_correlations as
with mirrored as (
    select network_id, across, score, k, convention, curvature, alpha, points, radius, other, other_k, other_convention, other_curvature, other_alpha, other_points, other_radius, correlation
    from network_correlations
    union all
    select network_id, across, other, other_k, other_convention, other_curvature, other_alpha, other_points, other_radius, score, k, convention, curvature, alpha, points, radius, correlation
    from network_correlations
)
select
    l.base_study as study,
    l.dataset_id,
    l.dataset,
    l.family,
    l.weight_decay,
    l.recipe,
    m.across,
    m.score,
    m.k,
    m.convention,
    m.curvature,
    m.alpha,
    m.points,
    m.radius,
    score_label(m.score, m.curvature, m.alpha, m.convention, m.k, m.points, m.radius) as label,
    m.other,
    m.other_k,
    m.other_convention,
    m.other_curvature,
    m.other_alpha,
    m.other_points,
    m.other_radius,
    score_label(m.other, m.other_curvature, m.other_alpha, m.other_convention, m.other_k, m.other_points, m.other_radius) as other_label,
    count(m.correlation) as n_networks,
    avg(m.correlation) as correlation,
    bounded(mean_low(m.correlation), -1.0, 1.0) as correlation_low,
    bounded(mean_high(m.correlation), -1.0, 1.0) as correlation_high
from mirrored as m
join network_labels as l on l.network_id = m.network_id
group by all;
