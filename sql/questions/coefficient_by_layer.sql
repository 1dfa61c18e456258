-- title:   The mean layer coefficient of trained and untrained networks, and the depth chosen
-- source:  Hehl, von Renesse, Weber 2025
-- grain:   one row per (data set, width, depth, state, layer)
-- parameters:
--   study       a study
--   convention  how neighbours become edges
--   k           number of neighbours
--   series_end  hidden or output: the layer that series end with
with chosen as (
    select dataset, width, depth, quantile_disc(chosen_layer, 0.5) as chosen_layer
    from depth_selection
    where study = $study and convention = $convention and k = $k and "end" = $series_end
        and curvature = 'augmented_forman'
    group by all
)
select dataset, width, depth, if(is_final, 'trained', 'untrained') as state, layer,
    count(layer_coefficient) as n_networks,
    avg(layer_coefficient) as layer_coefficient,
    any_value(chosen_layer) filter (is_final) as chosen_layer
from layer_coefficients
join snapshot_labels using (network_id)
left join chosen using (dataset, width, depth)
where study = $study and convention = $convention and k = $k
    and curvature = 'augmented_forman'
    and (is_final or epoch = 0)
    and is_in_series(layer, is_to_output, 'input', $series_end)
group by all
order by dataset, depth, width, state, layer;
