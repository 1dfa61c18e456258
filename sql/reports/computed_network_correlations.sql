-- title:   Correlation of two scores across layers or points, computed anew: `network_correlations` keeps it
-- formula: Pearson r over the layers (points) that have both scores, three or more
-- source:  geoflow
-- grain:   one row per (network, across, pair of scores), each pair once; snapshots are left out
-- columns:
--   network_id
--   across            layers or points
--   score             a score of layer_scores or point_scores
--   k, convention, curvature, alpha, points, radius
--   other             another
--   other_k           of the other: number of neighbours, NULL for scores of no graph
--   other_convention  of the other: how neighbours become edges, NULL for scores of no graph
--   other_curvature   of the other: kind of curvature, NULL for scores of none
--   other_alpha       of the other: idle mass, NULL for curvatures that have none
--   other_points      of the other: around which points it is measured, NULL if that is no choice
--   other_radius      of the other: radius of the frames, NULL for scores of none
--   n                 layers or points that have both
--   correlation       r, NULL if a score is constant but for rounding
create or replace view computed_network_correlations as
with placed as (
    select
        'layers' as across, network_id, layer as place, score, k, convention, curvature, alpha, points, radius, value,
        score_label(score, curvature, alpha, convention, k, points, radius) as label
    from layer_scores
    union all
    select
        'points', network_id, point, score, k, convention, curvature, alpha, points, radius, value,
        score_label(score, curvature, alpha, convention, k, points, radius)
    from point_scores
)
select
    a.network_id,
    a.across,
    a.score,
    a.k,
    a.convention,
    a.curvature,
    a.alpha,
    a.points,
    a.radius,
    b.score as other,
    b.k as other_k,
    b.convention as other_convention,
    b.curvature as other_curvature,
    b.alpha as other_alpha,
    b.points as other_points,
    b.radius as other_radius,
    count(*) as n,
    safe_corr(a.value, b.value) as correlation
from placed as a
join placed as b
    on b.across = a.across
    and b.network_id = a.network_id
    and b.place = a.place
    and b.label > a.label
group by all
having count(*) > 2;
