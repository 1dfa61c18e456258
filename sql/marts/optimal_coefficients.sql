-- title:   Each network's Ricci coefficient at the optimal k of its kind, or why it has none
-- formula: rho_k*, z_fisher and z_paper of `ricci_coefficients` at k* of `optimal_k`
-- source:  Baptista et al. 2024, section 4: the networks that are reported, and those left out
-- grain:   one row per (network, convention, start, end)
-- columns:
--   network_id, network, study, dataset_id, dataset, width, depth, replica, convention, start, end,
--   test_accuracy
--   optimal_k          k* of its study, data set, width and depth
--   ricci_coefficient  rho at k*, NULL where it is excluded
--   z_fisher
--   z_paper            atanh(rho) / sqrt(N - 3): the adjusted coefficient of the paper
--   exclusion          why it is not reported: below threshold; no optimal k, though it has coefficients; not measured; disconnected; undefined (a series is constant), at k*; else NULL
create or replace view optimal_coefficients as
with coefficient as (
    from network_coefficients
),
kind as (
    select
        network_id,
        convention,
        start,
        "end",
        bool_or(is_connected) as is_ever_connected,
        count(ricci_coefficient) > 0 as is_ever_defined
    from coefficient
    group by network_id, convention, start, "end"
)
select
    n.network_id,
    n.network,
    n.study,
    n.dataset_id,
    n.dataset,
    n.width,
    n.depth,
    n.replica,
    kind.convention,
    kind.start,
    kind.end,
    n.test_accuracy,
    o.optimal_k,
    case when n.is_accurate then r.ricci_coefficient end as ricci_coefficient,
    case when n.is_accurate then r.z_fisher end as z_fisher,
    case when n.is_accurate then r.z_paper end as z_paper,
    case
        when not n.is_accurate then 'below threshold'
        when o.optimal_k is null and kind.is_ever_defined then 'no optimal k'
        when o.optimal_k is not null and r.network_id is null then 'not measured'
        when not coalesce(r.is_connected, kind.is_ever_connected) then 'disconnected'
        when r.ricci_coefficient is null then 'undefined'
    end as exclusion
from kind
join network_labels as n on n.network_id = kind.network_id
left join optimal_k as o
    on o.cell_id = n.cell_id
    and o.convention = kind.convention
    and o.start = kind.start
    and o.end = kind.end
left join coefficient as r
    on r.network_id = kind.network_id
    and r.convention = kind.convention
    and r.start = kind.start
    and r.end = kind.end
    and r.k = o.optimal_k;
