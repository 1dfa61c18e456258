-- title:   Networks with their accuracy and their coefficient at the optimal k
-- source:  Baptista et al. 2024, section 4
-- grain:   one row per (network, convention); convention is NULL for a network without graphs
-- columns:
--   network_id, network, study, dataset, family, width, widths, depth, seed, epochs,
--   train_accuracy, test_accuracy, is_accurate, convention
--   n_k                numbers of neighbours that were measured
--   n_k_connected      of these, how many leave every hidden layer connected
--   optimal_k          optimal k of its study, data set, width and depth (start and end hidden)
--   ricci_coefficient  its own coefficient at the optimal k (start and end hidden); optimal_coefficients says why it is NULL
--   status, reason
create or replace view network_summary as
with coefficient as (
    select network_id, convention, k, is_connected, ricci_coefficient
    from network_coefficients
    where start = 'hidden' and "end" = 'hidden'
),
at_k as (
    select network_id, convention, count(*) as n_k, count_if(is_connected) as n_k_connected
    from coefficient
    group by network_id, convention
)
select
    n.network_id,
    n.network,
    n.study,
    n.dataset,
    n.family,
    n.width,
    w.widths,
    n.depth,
    w.seed,
    n.epochs,
    n.train_accuracy,
    n.test_accuracy,
    n.status <> 'failed' and n.is_accurate as is_accurate,
    a.convention,
    coalesce(a.n_k, 0) as n_k,
    coalesce(a.n_k_connected, 0) as n_k_connected,
    o.optimal_k,
    r.ricci_coefficient,
    n.status,
    w.reason
from labelled_networks as n
join networks as w on w.network_id = n.network_id
left join at_k as a on a.network_id = n.network_id
left join optimal_k as o
    on o.cell_id = n.cell_id
    and o.convention = a.convention
    and o.start = 'hidden'
    and o.end = 'hidden'
left join coefficient as r
    on r.network_id = n.network_id
    and r.convention = a.convention
    and r.k = o.optimal_k
where n.final_id is null;
