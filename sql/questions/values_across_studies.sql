-- title:   The single coefficients behind across_studies, of one data set
-- source:  geoflow
-- grain:   one row per (width, depth, other study, network)
-- parameters:
--   study       a study
--   convention  how neighbours become edges
--   dataset     name of a data set
select o.width, o.depth, o.optimal_k as k, n.study as other_study, n.network, r.ricci_coefficient
from optimal_k as o
join datasets as own on own.dataset_id = o.dataset_id
join datasets as d on d.fingerprint = own.fingerprint
join network_labels as n
    on n.dataset_id = d.dataset_id and n.width = o.width and n.depth = o.depth and n.is_accurate
join network_coefficients as r
    on r.network_id = n.network_id and r.k = o.optimal_k and r.convention = o.convention
    and r.start = o.start and r.end = o.end
where o.study = $study and o.convention = $convention and o.start = 'hidden' and o.end = 'hidden'
    and o.dataset = $dataset and r.ricci_coefficient is not null
order by o.depth, o.width, n.study <> $study, n.study, r.network_id;
