-- title:   Coefficients and accuracy at each epoch, mean over networks, and where to stop
-- source:  Hehl, von Renesse, Weber 2025
-- grain:   one row per (data set, width, depth, epoch), of kinds with two snapshots or more before the end
-- parameters:
--   study       a study
--   convention  how neighbours become edges
--   k           number of neighbours
--   series_end  hidden or output: the layer that series end with
--   patience    snapshots in a row without a new least mean after which one stops
with stop as (
    select dataset, width, depth, quantile_disc(epoch, 0.5) as stop_epoch
    from early_stopping
    where study = $study and convention = $convention and k = $k and "end" = $series_end
        and curvature = 'augmented_forman'
        and patience = $patience and n_snapshots > 2
    group by all
)
select dataset, width, depth, epoch, count(*) as n_networks,
    avg(mean_local_coefficient) as mean_local_coefficient,
    avg(ricci_coefficient) as ricci_coefficient,
    avg(l.test_accuracy) as test_accuracy, any_value(stop_epoch) as stop_epoch
from local_training_coefficients as l
join stop using (dataset, width, depth)
left join (
    select network_id, k, convention, ricci_coefficient
    from training_coefficients
    where start = 'hidden' and "end" = 'hidden'
) using (network_id, k, convention)
where study = $study and convention = $convention and k = $k and "end" = $series_end
    and curvature = 'augmented_forman'
    and epoch is not null
group by all
order by dataset, depth, width, epoch;
