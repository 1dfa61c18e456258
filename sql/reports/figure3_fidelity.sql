-- title:   How near a study comes to Figure 3 of the paper
-- formula: Pearson and root mean square difference of rho_agg and the published value, over the
--          digitised cells (width, depth, k)
-- source:  Baptista et al. 2024, Figure 3
-- grain:   one row per (study, data set, convention, start, end)
-- columns:
--   study, dataset_id, dataset, convention, start, end
--   n_cells     cells that both have
--   pearson     Pearson correlation of ours and the published values, NULL below two cells
--   rmse        root of the mean squared difference
--   mean_difference  mean of ours less the published value
create or replace view figure3_fidelity as
select
    a.study,
    a.dataset_id,
    a.dataset,
    a.convention,
    a.start,
    a.end,
    count(*) as n_cells,
    safe_corr(a.aggregated_ricci_coefficient, p.published_coefficient) as pearson,
    sqrt(avg((a.aggregated_ricci_coefficient - p.published_coefficient) ** 2)) as rmse,
    avg(a.aggregated_ricci_coefficient - p.published_coefficient) as mean_difference
from aggregated_ricci_coefficients as a
join published_coefficients as p
    on p.dataset = a.dataset and p.width = a.width and p.depth = a.depth and p.k = a.k
where a.aggregated_ricci_coefficient is not null
group by a.study, a.dataset_id, a.dataset, a.convention, a.start, a.end;
