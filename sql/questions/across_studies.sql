-- title:   The distribution of the coefficient in a study and in every other
-- source:  geoflow
-- grain:   one row per (data set, width, depth, other study)
-- parameters:
--   study       a study
--   convention  how neighbours become edges
select dataset, width, depth, k, other_study, n_accurate, n, mean, standard_deviation,
    quartile_1, median, quartile_3, share_negative
from coefficients_across_studies
where study = $study and convention = $convention and start = 'hidden' and "end" = 'hidden'
order by dataset, depth, width, other_study <> $study, other_study;
