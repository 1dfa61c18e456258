-- title:   What a reader needs to know of a network at each epoch that was kept
-- source:  geoflow
-- grain:   one row per (network, epoch): its snapshots, and the network at the end of its training
-- columns:
--   network_id  the network at this epoch: the key of its layers
--   network     name of the network at the end of its training
--   final_id    key of the network at the end of its training
--   study, base_study, variant, cell_id, dataset_id, dataset, family, width, depth
--   recipe      how it was trained to its end, weight decay aside; NULL for ingested networks
--   weight_decay, replica
--   epoch       passes over the training rows: 0 = untrained; NULL if ingested
--   is_final    whether this is the end of the training
--   train_accuracy, test_accuracy
create or replace view snapshot_labels as
select
    n.network_id,
    coalesce(f.network, n.network) as network,
    coalesce(n.final_id, n.network_id) as final_id,
    n.study,
    n.base_study,
    n.variant,
    n.cell_id,
    n.dataset_id,
    n.dataset,
    n.family,
    n.width,
    n.depth,
    coalesce(f.recipe, n.recipe) as recipe,
    n.weight_decay,
    n.replica,
    n.epochs as epoch,
    n.final_id is null as is_final,
    n.train_accuracy,
    n.test_accuracy
from labelled_networks as n
left join labelled_networks as f on f.network_id = n.final_id
where n.status <> 'failed';
