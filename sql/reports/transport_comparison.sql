-- title:   Does weight decay make networks straight and optimal?
-- formula: mean over networks +- t_0.975 sd / sqrt(n) of line-shape score, OT score, efficiency and accuracy; intervals are
--          cut to the bounds of their score
-- source:  Gai, Zhang 2021: with weight decay residual networks move data along straight lines that are optimal maps
-- grain:   one row per (study, variant, data set, family, width, depth, weight decay, recipe)
-- columns:
--   study                  study, without the name of the variant
--   variant, series, dataset_id, dataset
--   family                 plain, residual, dense or fractional
--   width                  name of the widths
--   depth, weight_decay
--   recipe                 how they were trained, weight decay aside; NULL for ingested networks
--   n_networks             networks with a track
--   is_accurate            whether every one of them is above its accuracy threshold
--   line_shape_score       mean line-shape score: 1 = straight
--   line_shape_low         lower end of its 95 % interval, NULL for fewer than two networks
--   line_shape_high        upper end
--   ot_score               mean share of points that optimal transport sends where the network does, the largest over all optimal assignments
--   ot_low                 lower end of its 95 % interval
--   ot_high                upper end
--   least_ot_score         mean of the least share over all optimal assignments
--   share_unique           share of networks with one optimal assignment, of those of which it is known
--   transport_efficiency   mean of optimal over actual cost
--   geodesic_ratio         mean of W2 path over geodesic
--   relative_displacement  mean displacement over the spacing of the points
--   test_accuracy          mean test accuracy
create or replace view transport_comparison as
select
    l.base_study as study,
    l.variant,
    l.series,
    l.dataset_id,
    l.dataset,
    l.family,
    l.width,
    l.depth,
    l.weight_decay,
    l.recipe,
    count(*) as n_networks,
    bool_and(l.is_accurate) as is_accurate,
    avg(t.line_shape_score) as line_shape_score,
    bounded(mean_low(t.line_shape_score), 1.0, null) as line_shape_low,
    mean_high(t.line_shape_score) as line_shape_high,
    avg(t.ot_score) as ot_score,
    bounded(mean_low(t.ot_score), 0.0, 1.0) as ot_low,
    bounded(mean_high(t.ot_score), 0.0, 1.0) as ot_high,
    avg(t.least_ot_score) as least_ot_score,
    avg(t.is_ot_unique::integer) as share_unique,
    avg(t.transport_efficiency) as transport_efficiency,
    avg(t.geodesic_ratio) as geodesic_ratio,
    avg(t.relative_displacement) as relative_displacement,
    avg(t.test_accuracy) as test_accuracy
from transport_scores as t
join network_labels as l on l.network_id = t.network_id
where t.ot_score is not null
group by all;
