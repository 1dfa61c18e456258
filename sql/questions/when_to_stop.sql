-- title:   Where early_stopping stops each kind of network, and what it costs
-- source:  Hehl, von Renesse, Weber 2025
-- grain:   one row per (data set, width, depth)
-- parameters:
--   study       a study
--   convention  how neighbours become edges
--   k           number of neighbours
--   series_end  hidden or output: the layer that series end with
--   patience    snapshots in a row without a new least mean after which one stops
select dataset, width, depth, count(*) as n_networks,
    quantile_disc(epoch, 0.5) as median_epoch, avg(test_accuracy) as test_accuracy,
    quantile_disc(best_epoch, 0.5) as median_best_epoch,
    avg(best_accuracy) as best_accuracy, avg(final_accuracy) as final_accuracy
from early_stopping
where study = $study and convention = $convention and k = $k and "end" = $series_end
    and curvature = 'augmented_forman'
    and patience = $patience and n_snapshots > 2
group by all
order by dataset, depth, width;
