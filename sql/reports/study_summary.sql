-- title:   A study at a glance
-- source:  Baptista et al. 2024, Figure 3 (optimal k and its aggregated coefficient)
-- grain:   one row per (study, data set, width, depth, convention), steps between hidden layers
-- columns:
--   study, dataset, width, depth, convention, n_networks, n_accurate
--   optimal_k       optimal k, NULL if too few accurate networks are connected at every k
--   n_connected     accurate networks that are connected at it: pooled
--   aggregated_ricci_coefficient  aggregated Ricci coefficient at the optimal k
--   share_negative  share of pooled networks whose own coefficient there is below 0
--   test_accuracy   mean test accuracy of all networks
create or replace view study_summary as
select
    s.study,
    s.dataset,
    s.width,
    s.depth,
    s.convention,
    count(*) as n_networks,
    count_if(s.is_accurate) as n_accurate,
    any_value(o.optimal_k) as optimal_k,
    any_value(o.n_connected) as n_connected,
    any_value(o.aggregated_ricci_coefficient) as aggregated_ricci_coefficient,
    any_value(o.share_negative) as share_negative,
    avg(s.test_accuracy) as test_accuracy
from network_summary as s
join network_labels as n on n.network_id = s.network_id
left join optimal_k as o
    on o.cell_id = n.cell_id
    and o.convention = s.convention
    and o.start = 'hidden'
    and o.end = 'hidden'
group by n.cell_id, s.study, s.dataset, s.width, s.depth, s.convention
order by s.study, s.dataset, s.width, s.depth, s.convention;
