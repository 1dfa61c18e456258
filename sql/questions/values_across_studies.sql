-- title:   The single coefficients behind across_studies, of one data set
-- source:  geoflow
-- grain:   one row per (width, depth, other study, network)
-- parameters:
--   study       a study
--   convention  how neighbours become edges
--   dataset     name of a data set
select o.width, o.depth, o.optimal_k as k, r.study as other_study, r.network, r.ricci_coefficient
from optimal_k as o
join ricci_coefficients as r
    on r.dataset = o.dataset and r.width = o.width and r.depth = o.depth
    and r.k = o.optimal_k and r.convention = o.convention and r.start = o.start
join network_labels as n on n.network_id = r.network_id and n.is_accurate
where o.study = $study and o.convention = $convention and o.start = 'hidden'
    and o.dataset = $dataset and r.ricci_coefficient is not null
order by o.depth, o.width, r.study <> $study, r.study, r.network_id;
