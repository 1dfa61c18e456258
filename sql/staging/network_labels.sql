-- title:   What a reader needs to know of a network at the end of its training
-- source:  geoflow
-- grain:   one row per network; its snapshots are in `snapshot_labels`
-- columns:
--   network_id  network
--   network     name of the network
--   study, base_study, variant, cell_id, dataset_id, dataset, family, width, depth, recipe, series,
--   weight_decay, replica, half, test_accuracy, is_accurate
create or replace view network_labels as
select * exclude (final_id, epochs, train_accuracy, status)
from labelled_networks
where status <> 'failed' and final_id is null;
