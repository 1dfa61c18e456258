-- title:   What is kept of points and layers is what is computed anew
-- formula: kept and computed rows agree to 9 decimals
-- source:  geoflow
-- grain:   one row per relation and network where they do not
with compared as (
    select
        'point_coefficients' as relation,
        coalesce(k.network_id, c.network_id) as key,
        k.local_coefficient as kept,
        c.local_coefficient as computed,
        k.n_steps is distinct from c.n_steps or k.reason is distinct from c.reason as is_other
    from point_coefficients as k
    full join computed_point_coefficients as c
        on c.network_id = k.network_id
        and c.point = k.point
        and c.end = k.end
        and c.k = k.k
        and c.convention = k.convention
        and c.curvature = k.curvature
        and c.alpha is not distinct from k.alpha
    union all
    select
        'layer_coefficients',
        coalesce(k.network_id, c.network_id),
        k.layer_coefficient,
        c.layer_coefficient,
        k.n_points is distinct from c.n_points or k.n_left_out is distinct from c.n_left_out
        or k.reason is distinct from c.reason
    from layer_coefficients as k
    full join computed_layer_coefficients as c
        on c.network_id = k.network_id
        and c.layer = k.layer
        and c.k = k.k
        and c.convention = k.convention
        and c.curvature = k.curvature
        and c.alpha is not distinct from k.alpha
)
select distinct relation, key
from compared
where is_other or abs(coalesce(kept, 9) - coalesce(computed, 9)) > 1e-9
