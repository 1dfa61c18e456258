-- title:   Does weight decay make networks straight and optimal?
-- formula: mean over networks +- t_0.975 sd / sqrt(n) of line-shape score, OT score, efficiency and accuracy
-- source:  Gai, Zhang 2021: with weight decay residual networks move data along straight lines that are optimal maps
-- grain:   one row per (study, data set, family, width, depth, weight decay); variants of a study are one study
-- columns:
--   study               study, without the name of the variant
--   dataset
--   family              plain, residual, dense or fractional
--   width, depth, weight_decay
--   n_networks          networks with a track
--   line_shape_score    mean line-shape score: 1 = straight
--   line_shape_low      lower end of its 95 % interval, NULL for fewer than two networks
--   line_shape_high     upper end
--   ot_score            mean share of points that optimal transport sends where the network does
--   ot_low              lower end of its 95 % interval
--   ot_high             upper end
--   transport_efficiency  mean of optimal over actual cost
--   geodesic_ratio      mean of W2 path over geodesic
--   relative_displacement  mean displacement over the spacing of the points
--   test_accuracy       mean test accuracy
create or replace view transport_comparison as
with means as (
    select
        split_part(study, '/', 1) as study,
        dataset,
        family,
        width,
        depth,
        weight_decay,
        count(*) as n_networks,
        avg(line_shape_score) as line_shape_score,
        mean_low(line_shape_score) as line_shape_low,
        mean_high(line_shape_score) as line_shape_high,
        avg(ot_score) as ot_score,
        mean_low(ot_score) as ot_low,
        mean_high(ot_score) as ot_high,
        avg(transport_efficiency) as transport_efficiency,
        avg(geodesic_ratio) as geodesic_ratio,
        avg(relative_displacement) as relative_displacement,
        avg(test_accuracy) as test_accuracy
    from transport_scores
    where ot_score is not null
    group by all
)
select
    m.study,
    m.dataset,
    m.family,
    m.width,
    m.depth,
    m.weight_decay,
    m.n_networks,
    m.line_shape_score,
    m.line_shape_low,
    m.line_shape_high,
    m.ot_score,
    m.ot_low,
    m.ot_high,
    m.transport_efficiency,
    m.geodesic_ratio,
    m.relative_displacement,
    m.test_accuracy
from means as m;
