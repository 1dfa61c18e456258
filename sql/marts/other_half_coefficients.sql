-- title:   Each accurate network's Ricci coefficient at the k that the other half of its replicas chose
-- formula: rho_k, z_fisher and z_paper of `ricci_coefficients` at the optimal k of `split_half_coefficients`
-- source:  geoflow: a k chosen on the networks it is reported for is too good
-- grain:   one row per (network, convention, start, end) that has a coefficient there
-- columns:
--   network_id, study, dataset, width, depth, convention, start, end, half
--   optimal_k  k* of the other half
--   test_accuracy, ricci_coefficient, z_fisher, z_paper
create or replace view other_half_coefficients as
select
    n.network_id,
    n.study,
    n.dataset,
    n.width,
    n.depth,
    r.convention,
    r.start,
    r.end,
    n.half,
    s.optimal_k,
    n.test_accuracy,
    r.ricci_coefficient,
    r.z_fisher,
    r.z_paper
from split_half_coefficients as s
join network_labels as n
    on n.cell_id = s.cell_id
    and n.half = 1 - s.choosing_half
    and n.is_accurate
join network_coefficients as r
    on r.network_id = n.network_id
    and r.k = s.optimal_k
    and r.convention = s.convention
    and r.start = s.start
    and r.end = s.end
where r.ricci_coefficient is not null;
