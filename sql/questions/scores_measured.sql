-- title:   The scores that a store has values of
-- source:  geoflow
-- grain:   one row per (score, keys) of a level
-- parameters:
--   level  network, layer or point
with measured as (
    select 'network' as level, score, curvature, alpha, convention, k, points, radius
    from network_scores
    where $level = 'network'
    union all
    select 'layer', score, curvature, alpha, convention, k, points, radius
    from layer_scores
    where $level = 'layer'
    union all
    select 'point', score, curvature, alpha, convention, k, points, radius
    from point_scores
    where $level = 'point'
)
select score, score_label(score, curvature, alpha, convention, k, points, radius) as label, count(*) as n
from measured
group by all
order by label;
