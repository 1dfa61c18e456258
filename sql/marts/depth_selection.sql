-- title:   How deep a network need be, by the layer coefficient
-- formula: l* = argmin over l of the layer coefficient c_l; chosen: first l > l* with c_l >= c_{l*} / 2
-- source:  Hehl, von Renesse, Weber 2025, in our reading
-- grain:   one row per (network, k, convention, curvature, alpha, end)
-- columns:
--   network, study, dataset, width, depth, k, convention, curvature, alpha
--   end                  hidden: over layers 0..L-1; output: over the step to the output too
--   least_layer          layer l* of the least coefficient, the first of equals
--   least_coefficient    its coefficient
--   chosen_layer         first layer past it where the coefficient has come back to half; NULL with a reason
--   chosen_coefficient   its coefficient
--   test_accuracy        test accuracy of the whole network
--   reason               why no layer is chosen
create or replace view depth_selection as
with least as (
    select
        network_id,
        k,
        convention,
        curvature,
        alpha,
        e.end,
        arg_min(layer, layer_coefficient order by layer) as least_layer,
        min(layer_coefficient) as least_coefficient
    from layer_coefficients
    join (values ('hidden'), ('output')) as e ("end")
        on is_in_series(layer, is_to_output, 'input', e.end)
    group by all
    having e.end = 'hidden' or bool_or(is_to_output)
),
chosen as (
    select
        l.network_id,
        l.k,
        l.convention,
        l.curvature,
        l.alpha,
        l.end,
        l.least_layer,
        l.least_coefficient,
        min(c.layer) as chosen_layer,
        min_by(c.layer_coefficient, c.layer) as chosen_coefficient
    from least as l
    left join layer_coefficients as c
        on c.network_id = l.network_id
        and c.k = l.k
        and c.convention = l.convention
        and c.curvature = l.curvature
        and c.alpha is not distinct from l.alpha
        and is_in_series(c.layer, c.is_to_output, 'input', l.end)
        and c.layer > l.least_layer
        and is_negative(l.least_coefficient)
        and c.layer_coefficient >= l.least_coefficient / 2
    group by all
)
select
    n.network,
    n.study,
    n.dataset,
    n.width,
    n.depth,
    c.k,
    c.convention,
    c.curvature,
    c.alpha,
    c.end,
    c.least_layer,
    c.least_coefficient,
    c.chosen_layer,
    c.chosen_coefficient,
    n.test_accuracy,
    case
        when c.least_coefficient is null then 'no layer has a coefficient'
        when not is_negative(c.least_coefficient) then 'no layer has a negative coefficient'
        when c.chosen_layer is null then 'the coefficient does not come back to half of its least'
    end as reason
from chosen as c
join network_labels as n on n.network_id = c.network_id;
