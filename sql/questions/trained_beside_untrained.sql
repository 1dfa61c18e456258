-- title:   Mean local coefficients: trained, untrained, published
-- source:  Hehl, von Renesse, Weber 2025
-- grain:   one row per (data set, width, depth)
-- parameters:
--   study       a study
--   convention  how neighbours become edges
--   k           number of neighbours
--   series_end  hidden or output: the layer that series end with
select dataset, width, depth, curvature, n_defined, mean_local_coefficient,
    standard_deviation, n_untrained, untrained_mean, untrained_standard_deviation,
    published_mean
from local_flow_comparison
where study = $study and convention = $convention and k = $k and "end" = $series_end
    and curvature = 'augmented_forman'
order by dataset, depth, width;
