-- title:   Ricci coefficient of all accurate networks of one kind together
-- formula: rho_agg = Pearson over all (eta_l, Ric_l) of all accurate networks whose layer graphs
--          are connected at this k, uncentred
-- source:  Baptista et al. 2024, Figure 3 and section 4
-- grain:   one row per (study, data set, width, depth, k, convention, start, end)
-- columns:
--   cell_id, study, dataset_id, dataset, width, depth, k, convention, start, end
--   n_networks                    networks
--   n_accurate                    networks above the accuracy threshold
--   n_connected                   of these, networks whose layer graphs are all connected: pooled
--   aggregated_ricci_coefficient  rho_agg, NULL if nothing is pooled or a series is constant
--   share_negative                share of the pooled networks whose own coefficient is below 0
--   mean_ricci_coefficient        mean of the pooled networks' own coefficients
create or replace view aggregated_ricci_coefficients as
with coefficient as (
    select n.*, c.k, c.convention, c.start, c.end, c.ricci_coefficient, n.is_accurate and c.is_connected as is_pooled
    from network_coefficients as c
    join network_labels as n on n.network_id = c.network_id
),
pooled as (
    select cell_id, k, convention, start, "end", exact_corr(eta, total_forman) as rho
    from pooled_steps
    group by cell_id, k, convention, start, "end"
),
counted as (
    select
        cell_id, study, dataset_id, dataset, width, depth, k, convention, start, "end",
        count(*) as n_networks,
        count_if(is_accurate) as n_accurate,
        count_if(is_pooled) as n_connected,
        share_below(if(is_pooled, ricci_coefficient, null), 0) as share_negative,
        avg(ricci_coefficient) filter (where is_pooled) as mean_ricci_coefficient
    from coefficient
    group by cell_id, study, dataset_id, dataset, width, depth, k, convention, start, "end"
)
select
    c.cell_id,
    c.study,
    c.dataset_id,
    c.dataset,
    c.width,
    c.depth,
    c.k,
    c.convention,
    c.start,
    c.end,
    c.n_networks,
    c.n_accurate,
    c.n_connected,
    p.rho as aggregated_ricci_coefficient,
    c.share_negative,
    c.mean_ricci_coefficient
from counted as c
left join pooled as p
    on p.cell_id = c.cell_id
    and p.k = c.k
    and p.convention = c.convention
    and p.start = c.start
    and p.end = c.end;
