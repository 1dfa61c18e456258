-- title:   The depth that the layer coefficient says is enough
-- source:  Hehl, von Renesse, Weber 2025
-- grain:   one row per (data set, width, depth)
-- parameters:
--   study       a study
--   convention  how neighbours become edges
--   k           number of neighbours
--   series_end  hidden or output: the layer that series end with
select dataset, width, depth, count(*) as n_networks,
    count(chosen_layer) as n_chosen, avg(least_layer) as mean_least_layer,
    avg(least_coefficient) as mean_least_coefficient,
    quantile_disc(chosen_layer, 0.5) as median_chosen_layer,
    min(chosen_layer) as least_chosen_layer, max(chosen_layer) as largest_chosen_layer
from depth_selection
where study = $study and convention = $convention and k = $k and "end" = $series_end
    and curvature = 'augmented_forman'
group by all
order by dataset, depth, width;
