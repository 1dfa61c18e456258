-- title:   The k at which the flow is strongest
-- formula: k* = argmin_k rho_agg(k), the smallest such k if there are several
-- source:  Baptista et al. 2024, section 4
-- grain:   one row per (study, data set, width, depth, convention, start, end)
-- columns:
--   cell_id, study, dataset_id, dataset, width, depth, convention, start, end
--   optimal_k                     k*
--   aggregated_ricci_coefficient  rho_agg at k*
--   n_networks, n_accurate, n_connected
--   share_negative                share of the connected whose own coefficient at k* is below 0
create or replace view optimal_k as
select
    cell_id,
    study,
    dataset_id,
    dataset,
    width,
    depth,
    convention,
    start,
    "end",
    k as optimal_k,
    aggregated_ricci_coefficient,
    n_networks,
    n_accurate,
    n_connected,
    share_negative
from aggregated_ricci_coefficients
where aggregated_ricci_coefficient is not null
qualify row_number() over (
    partition by cell_id, convention, start, "end"
    order by round(aggregated_ricci_coefficient, 12), k
) = 1;
