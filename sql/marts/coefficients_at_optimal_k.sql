-- title:   Ricci coefficient of a network or of a snapshot at the optimal k of its cell
-- formula: rho_k of `network_coefficients` for start and end hidden, k of `optimal_k`
-- source:  Baptista et al. 2024, Eq. 8 and section 4
-- grain:   one row per (network, convention), snapshots included
-- columns:
--   network_id
--   convention  how neighbours become edges
--   optimal_k   number of neighbours
--   ricci_coefficient
create or replace view coefficients_at_optimal_k as
select c.network_id, c.convention, o.optimal_k, c.ricci_coefficient
from network_coefficients as c
join snapshot_labels as n on n.network_id = c.network_id
join optimal_k as o
    on o.study = n.study
    and o.dataset_id = n.dataset_id
    and o.width = n.width
    and o.depth = n.depth
    and o.convention = c.convention
    and o.start = c.start
    and o.end = c.end
    and o.optimal_k = c.k
where c.start = 'hidden' and c.end = 'hidden';
