-- title:   The optimal k chosen on one half of the networks, reported on the other
-- formula: k* = argmin_k rho_agg(k) over the replicas of one half, of the k at which least_share() of its accurate networks
--          are pooled; rho_agg(k*) over the other half
-- source:  geoflow: a k chosen on the networks it is reported for is too good
-- grain:   one row per (study, data set, width, depth, convention, start, end, half that chooses), of halves that can choose;
--          left out: networks at or below their threshold, networks without the number of a replica (ingested ones), and
--          of the half that reports those of n_left_out
-- columns:
--   cell_id, study, dataset_id, dataset, width, depth, convention, start, end
--   choosing_half          half of the replicas that chose k*: 0 even, 1 odd
--   optimal_k              k* of the choosing half
--   choosing_coefficient   rho_agg(k*) on the half that chose
--   reported_coefficient   rho_agg(k*) on the other half, NULL if none of it is connected there
--   n_accurate             accurate networks of the other half, counted at the k that has most of them
--   n_reported             of these, networks that have a coefficient at k*
--   n_left_out             the others: not measured at k*, disconnected there, or with a constant series
--   n_negative             of the reported, with a negative coefficient of their own
create or replace view split_half_coefficients as
with halves as (
    select cell_id, k, convention, start, "end", half, exact_corr(eta, total_forman) as rho
    from pooled_steps
    where half is not null
    group by cell_id, k, convention, start, "end", half
    having rho is not null
),
counted as (
    select
        n.cell_id, n.study, n.dataset_id, n.dataset, n.width, n.depth, n.half, r.k, r.convention, r.start, r.end,
        max(count(*)) over half_of_kind as n_accurate,
        count_if(r.is_connected) as n_connected,
        count(r.ricci_coefficient) as n_reported,
        count(*) filter (where is_negative(r.ricci_coefficient)) as n_negative
    from network_coefficients as r
    join network_labels as n on n.network_id = r.network_id and n.is_accurate and n.half is not null
    group by n.cell_id, n.study, n.dataset_id, n.dataset, n.width, n.depth, n.half, r.k, r.convention, r.start, r.end
    window half_of_kind as (partition by n.cell_id, n.half, r.convention, r.start, r.end)
),
measured as (
    from counted
    left join halves using (cell_id, k, convention, start, "end", half)
),
chosen as (
    from measured
    where rho is not null and n_connected >= least_share() * n_accurate
    qualify row_number() over (partition by cell_id, convention, start, "end", half order by round(rho, 12), k) = 1
),
other as (
    select cell_id, convention, start, "end", half, max(n_accurate) as n_accurate
    from measured
    group by cell_id, convention, start, "end", half
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
    m.rho as reported_coefficient,
    coalesce(o.n_accurate, 0) as n_accurate,
    coalesce(m.n_reported, 0) as n_reported,
    coalesce(o.n_accurate, 0) - coalesce(m.n_reported, 0) as n_left_out,
    coalesce(m.n_negative, 0) as n_negative
from chosen as c
left join measured as m
    on m.cell_id = c.cell_id
    and m.convention = c.convention
    and m.start = c.start
    and m.end = c.end
    and m.k = c.k
    and m.half = 1 - c.half
left join other as o
    on o.cell_id = c.cell_id
    and o.convention = c.convention
    and o.start = c.start
    and o.end = c.end
    and o.half = 1 - c.half;
