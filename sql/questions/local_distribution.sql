-- title:   Points in bins of their local coefficient, of width 1/20, correct and misclassified ones
-- source:  geoflow; Hehl, von Renesse, Weber 2025
-- grain:   one row per (data set, is_correct, bin)
-- parameters:
--   study       a study
--   convention  how neighbours become edges
--   k           number of neighbours
--   series_end  hidden or output: the layer that series end with
select dataset, is_correct,
    least(floor((local_coefficient + 1) * 20), 39) / 20 - 0.975 as middle,
    count(*) as n_points,
    count(*) / sum(count(*)) over (partition by dataset, is_correct) as share
from local_ricci_coefficients
where study = $study and convention = $convention and k = $k and "end" = $series_end
    and curvature = 'augmented_forman'
    and is_correct is not null and local_coefficient is not null
group by dataset, is_correct, middle
order by dataset, is_correct desc, middle;
