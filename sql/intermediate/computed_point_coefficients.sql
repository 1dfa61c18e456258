-- title:   Local coefficient of a point, computed anew: `point_coefficients` keeps it
-- formula: Pearson over l = 0..L-1 (end 'hidden') or 0..L (end 'output') of (S_l(x), eta_l(x))
-- source:  Hehl, von Renesse, Weber 2025
-- grain:   one row per (network, k, convention, curvature, alpha, end, point)
-- columns:
--   network_id, k, convention, curvature, alpha
--   end                hidden: steps up to layer L; output: the step to the output too
--   point
--   n_steps            steps in the correlation
--   local_coefficient  Pearson of S_l(x) and eta_l(x), NULL if a step or a correlation is not defined
--   reason             why it is NULL
create or replace view computed_point_coefficients as
with series as (
    select
        network_id,
        k,
        convention,
        curvature,
        alpha,
        e.end,
        point,
        count(*) as n_steps,
        bool_or(n_neighbors = 0) as is_alone,
        bool_or(n_unreachable > 0) as is_torn,
        safe_corr(mean_curvature, expansion, unit := 1) as coefficient -- of means of whole numbers
    from point_flow
    join (values ('hidden'), ('output')) as e ("end")
        on is_in_series(layer, is_to_output, 'input', e.end)
    group by all
    having e.end = 'hidden' or bool_or(is_to_output)
)
select
    network_id,
    k,
    convention,
    curvature,
    alpha,
    "end",
    point,
    n_steps,
    case when not (is_alone or is_torn) then coefficient end as local_coefficient,
    case
        when is_alone then 'the point has no neighbour in a layer'
        when is_torn then 'a neighbour cannot be reached in the next layer'
        when n_steps < 2 then 'fewer than two steps'
        when coefficient is null then 'a series is constant'
    end as reason
from series;
