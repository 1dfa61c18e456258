-- title:   The aggregated coefficient at every k beside the digitised one
-- source:  Baptista et al. 2024, Figure 3
-- grain:   one row per (width, depth, k)
-- parameters:
--   study       a study
--   convention  how neighbours become edges
--   dataset     name of a data set
select width, depth, k, n_accurate, n_connected, aggregated_ricci_coefficient,
    published_coefficient, published_optimal_k
from aggregated_ricci_coefficients
left join published_coefficients using (dataset, width, depth, k)
where study = $study and convention = $convention and start = 'hidden' and "end" = 'hidden'
    and dataset = $dataset
order by depth, width, k;
