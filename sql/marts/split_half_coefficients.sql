-- title:   The optimal k chosen on one half of the networks, reported on the other
-- formula: k* = argmin_k rho_agg(k) over the replicas of one half; rho_agg(k*) over the other half
-- source:  geoflow: a k chosen on the networks it is reported for is too good
-- grain:   one row per (study, data set, width, depth, convention, start, end, half that chooses)
-- columns:
--   cell_id, study, dataset_id, dataset, width, depth, convention, start, end
--   choosing_half          half of the replicas that chose k*: 0 even, 1 odd
--   optimal_k              k* of the choosing half
--   choosing_coefficient   rho_agg(k*) on the half that chose
--   reported_coefficient   rho_agg(k*) on the other half, NULL if none of it is connected there
--   n_reported             networks of the other half that are accurate and have a coefficient at k*
--   n_negative             of these, with a negative coefficient of their own
create or replace view split_half_coefficients as
with halves as (
    select
        cell_id, study, dataset_id, dataset, width, depth, k, convention, start, "end", half,
        exact_corr(eta, total_forman) as rho
    from pooled_steps
    where half is not null
    group by cell_id, study, dataset_id, dataset, width, depth, k, convention, start, "end", half
    having rho is not null
),
chosen as (
    select *
    from halves
    qualify row_number() over (
        partition by cell_id, convention, start, "end", half order by round(rho, 12), k
    ) = 1
),
own as (
    select
        n.cell_id, n.half, r.k, r.convention, r.start, r.end,
        count(*) as n_reported,
        count(*) filter (where is_negative(r.ricci_coefficient)) as n_negative
    from network_coefficients as r
    join network_labels as n on n.network_id = r.network_id and n.is_accurate
    where r.ricci_coefficient is not null
    group by n.cell_id, n.half, r.k, r.convention, r.start, r.end
)
select
    c.cell_id,
    c.study,
    c.dataset_id,
    c.dataset,
    c.width,
    c.depth,
    c.convention,
    c.start,
    c.end,
    c.half as choosing_half,
    c.k as optimal_k,
    c.rho as choosing_coefficient,
    o.rho as reported_coefficient,
    coalesce(own.n_reported, 0) as n_reported,
    coalesce(own.n_negative, 0) as n_negative
from chosen as c
left join halves as o
    on o.cell_id = c.cell_id
    and o.convention = c.convention
    and o.start = c.start
    and o.end = c.end
    and o.k = c.k
    and o.half = 1 - c.half
left join own
    on own.cell_id = c.cell_id
    and own.convention = c.convention
    and own.start = c.start
    and own.end = c.end
    and own.k = c.k
    and own.half = 1 - c.half;
