-- title:   What is kept of points and layers is what is computed anew
-- formula: kept and computed rows agree to 9 decimals
-- source:  geoflow
-- grain:   one row per relation and network, or layer, where they do not
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
    union all
    select
        'twonn_dimensions',
        coalesce(k.layer_id, c.layer_id),
        e.kept,
        e.computed,
        (k.n_ratios, k.n_zero, k.n_tied) is distinct from (c.n_ratios, c.n_zero, c.n_tied)
    from twonn_dimensions as k
    full join computed_twonn_dimensions as c on c.layer_id = k.layer_id
    cross join lateral (values
        (k.twonn_dimension, c.twonn_dimension), (k.twonn_fit, c.twonn_fit)
    ) as e (kept, computed)
    union all
    select
        'neighborhoods',
        coalesce(k.layer_id, c.layer_id),
        e.kept,
        e.computed,
        (k.n_zero, k.n_tied) is distinct from (c.n_zero, c.n_tied)
    from neighborhoods as k
    full join computed_neighborhoods as c on c.layer_id = k.layer_id and c.k = k.k
    cross join lateral (values
        (k.ml_dimension, c.ml_dimension), (k.label_overlap, c.label_overlap)
    ) as e (kept, computed)
    union all
    select
        'layer_overlaps',
        coalesce(k.network_id, c.network_id),
        k.neighborhood_overlap,
        c.neighborhood_overlap,
        false
    from layer_overlaps as k
    full join computed_layer_overlaps as c
        on c.network_id = k.network_id
        and c.layer = k.layer
        and c.other_layer = k.other_layer
        and c.k = k.k
)
select distinct relation, key
from compared
where is_other
    or (kept is null) <> (computed is null)
    or abs(kept - computed) > 1e-9 * greatest(1, abs(computed))
