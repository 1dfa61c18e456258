-- title:   One score against another: of networks, of their layers, or of their points
-- formula: r = Pearson correlation over the n rows that have both
-- source:  geoflow
-- grain:   one row per network, per (network, layer) or per (network, point), as the level says
-- parameters:
--   level    network, layer or point
--   study    name of a study, NULL for all
--   x        score across
--   x_label  the same with its keys, as `score_label` writes them
--   y        score upwards
--   y_label  the same with its keys
with valued as (
    select network_id, 0 as place, score, value,
        score_label(score, curvature, alpha, convention, k, points, radius) as label
    from network_scores
    where $level = 'network' and score in ($x, $y) and coalesce(study = $study, true)
    union all
    select network_id, layer, score, value,
        score_label(score, curvature, alpha, convention, k, points, radius)
    from layer_scores
    where $level = 'layer' and score in ($x, $y) and coalesce(study = $study, true)
    union all
    select network_id, point, score, value,
        score_label(score, curvature, alpha, convention, k, points, radius)
    from point_scores
    where $level = 'point' and score in ($x, $y) and coalesce(study = $study, true)
),
paired as (
    select x.network_id, x.place, x.value as x, y.value as y
    from valued as x
    join valued as y using (network_id, place)
    where x.label = $x_label and y.label = $y_label
)
select n.network, n.study, n.dataset, n.width, n.depth, n.family, p.place, p.x, p.y,
    (select safe_corr(y, x) from paired) as r, (select count(*) from paired) as n
from paired as p
join network_labels as n using (network_id)
order by p.network_id, p.place;
