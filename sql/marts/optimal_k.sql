-- title:   The k at which the flow is strongest
-- formula: k* = argmin_k rho_agg(k) over the k with share_pooled >= least_share, the smallest such k if there are several
-- source:  Baptista et al. 2024, section 4; the least share: geoflow
-- grain:   one row per (study, data set, width, depth, convention, start, end) that has such a k
-- columns:
--   cell_id, study, dataset_id, dataset, width, depth, convention, start, end
--   optimal_k                     k*
--   aggregated_ricci_coefficient  rho_agg at k*
--   n_networks, n_accurate, n_connected
--   share_pooled                  n_connected over the accurate networks of the kind, counted at the k that has most of them
--   least_share                   share_pooled that was asked for
--   share_negative                share of the connected whose own coefficient at k* is below 0
create or replace view optimal_k as
with counted as (
    select
        *,
        n_connected / nullif(max(n_accurate) over (partition by cell_id, convention, start, "end"), 0) as share_pooled
    from aggregated_ricci_coefficients
)
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
    share_pooled,
    least_share() as least_share,
    share_negative
from counted
where aggregated_ricci_coefficient is not null and share_pooled >= least_share()
qualify row_number() over (
    partition by cell_id, convention, start, "end"
    order by round(aggregated_ricci_coefficient, 12), k
) = 1;
