-- title:   Networks with their accuracy and their coefficient at the optimal k, with their snapshots or without
-- source:  geoflow
-- grain:   one row per (network, convention), and one per snapshot
-- parameters:
--   snapshots  whether snapshots along training are listed too: true or false
select network_id, network, study, dataset, family, width, depth, epochs, convention, n_k, n_k_connected,
    optimal_k, ricci_coefficient, train_accuracy, test_accuracy, is_accurate, status, reason, false as is_snapshot
from network_summary
union all by name
select n.network_id, n.network, n.study, n.dataset, n.family, n.width, n.depth, n.epochs, n.train_accuracy,
    n.test_accuracy, n.is_accurate, n.status, w.reason, true as is_snapshot
from labelled_networks as n
join networks as w using (network_id)
where n.final_id is not null and $snapshots
order by network_id, convention;
