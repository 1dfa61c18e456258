-- title:   What a reader needs to know of a network at the end of its training
-- source:  geoflow
-- grain:   one row per network; its snapshots are in `snapshot_labels`
-- columns:
--   network_id    network
--   network, study, base_study, variant, cell_id, dataset_id, dataset, family, width, depth,
--   recipe, weight_decay, replica
--   half          0 for even replicas, 1 for odd ones
--   test_accuracy
--   is_accurate   test_accuracy > accuracy_threshold; true where no threshold or accuracy is known
create or replace view network_labels as
select
    s.network_id,
    s.network,
    s.study,
    s.base_study,
    s.variant,
    s.cell_id,
    s.dataset_id,
    s.dataset,
    s.family,
    s.width,
    s.depth,
    s.recipe,
    s.weight_decay,
    s.replica,
    s.replica % 2 as half,
    s.test_accuracy,
    is_above(s.test_accuracy, n.accuracy_threshold) as is_accurate
from snapshot_labels as s
join networks as n on n.network_id = s.network_id
where s.is_final;
