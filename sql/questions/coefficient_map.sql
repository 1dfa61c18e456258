-- title:   The aggregated coefficient at every k beside the digitised one, and the optimal k
-- source:  Baptista et al. 2024, Figure 3
-- grain:   one row per (width, depth, k)
-- parameters:
--   study       a study
--   convention  how neighbours become edges
--   dataset     name of a data set
select a.width, a.depth, a.k, a.n_accurate, a.n_connected, a.aggregated_ricci_coefficient,
    o.optimal_k, p.published_coefficient, p.published_optimal_k
from aggregated_ricci_coefficients as a
left join optimal_k as o using (cell_id, convention, start, "end")
left join published_coefficients as p
    on p.dataset = a.dataset and p.width = a.width and p.depth = a.depth and p.k = a.k
where a.study = $study and a.convention = $convention and a.start = 'hidden' and a.end = 'hidden'
    and a.dataset = $dataset
order by a.depth, a.width, a.k;
