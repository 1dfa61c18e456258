-- title:   The k at which the flow is strongest
-- formula: k* = argmin_k rho_agg(k), the smallest such k if there are several
-- source:  Baptista et al. 2024, section 4
-- grain:   one row per (study, data set, width, depth, convention, start)
-- columns:
--   study                         study
--   dataset_id                    data set
--   dataset                       name of the data set
--   width                         name of the widths
--   depth                         hidden layers L
--   convention                    how neighbours become edges
--   start                         hidden or input
--   optimal_k                     k*
--   aggregated_ricci_coefficient  rho_agg at k*
--   n_networks                    networks
--   n_accurate                    networks above the accuracy threshold
--   n_connected                   of these, networks connected at k*
--   share_negative                share of the connected whose own coefficient at k* is below 0
create or replace view optimal_k as
select
    study,
    dataset_id,
    dataset,
    width,
    depth,
    convention,
    start,
    k as optimal_k,
    aggregated_ricci_coefficient,
    n_networks,
    n_accurate,
    n_connected,
    share_negative
from aggregated_ricci_coefficients
where aggregated_ricci_coefficient is not null
qualify row_number() over (
    partition by study, dataset_id, width, depth, convention, start
    order by round(aggregated_ricci_coefficient, 12), k
) = 1;
