-- title:   Layer coefficient, computed anew: `layer_coefficients` keeps it
-- formula: Pearson over points x of (S_l(x), eta_l(x)), points with an unreachable neighbour left out
-- source:  Hehl, von Renesse, Weber 2025
-- grain:   one row per (network, k, convention, curvature, alpha, layer l = 0..L-1, and L where the output is a layer)
-- columns:
--   network_id, k, convention, curvature, alpha
--   layer              layer l the step starts from, 0 = input
--   is_to_output
--   n_points           points in the correlation
--   n_left_out         points without a neighbour, or with one that is unreachable in layer l + 1
--   mean_curvature     mean of S_l(x) over the points in the correlation
--   mean_expansion     mean of eta_l(x) over the same points, in hops
--   layer_coefficient  Pearson of S_l(x) and eta_l(x), NULL if a side is constant
--   reason             why it is NULL
create or replace view computed_layer_coefficients as
with known as (
    select
        network_id,
        k,
        convention,
        curvature,
        alpha,
        layer,
        is_to_output,
        count(expansion) as n_points,
        count(*) - count(expansion) as n_left_out,
        avg(mean_curvature) filter (where expansion is not null) as mean_curvature,
        avg(expansion) as mean_expansion,
        safe_corr(mean_curvature, expansion, unit := 1) as layer_coefficient -- of means of whole numbers
    from point_flow
    group by all
)
select
    network_id,
    k,
    convention,
    curvature,
    alpha,
    layer,
    is_to_output,
    n_points,
    n_left_out,
    mean_curvature,
    mean_expansion,
    layer_coefficient,
    case
        when n_points < 2 then 'fewer than two points have all neighbours in reach'
        when layer_coefficient is null then 'curvature or expansion is the same at all points'
    end as reason
from known;
