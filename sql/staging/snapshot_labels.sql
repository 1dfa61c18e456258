-- title:   What a reader needs to know of a network at each epoch that was kept
-- source:  geoflow
-- grain:   one row per (network, epoch): its snapshots, and the network at the end of its training
-- columns:
--   network_id      the network at this epoch: the key of its layers
--   network         name of the network at the end of its training
--   final_id        key of the network at the end of its training
--   study           study
--   dataset_id      data set
--   dataset         name of the data set
--   width           name of the widths
--   depth           hidden layers L
--   replica         number of the network among those of its study, data set and widths
--   epoch           passes over the training rows: 0 = untrained; NULL if ingested
--   is_final        whether this is the end of the training
--   train_accuracy  share of training rows classified correctly
--   test_accuracy   share of test points classified correctly
create or replace view snapshot_labels as
select
    n.network_id,
    coalesce(f.name, n.name) as network,
    coalesce(n.final_id, n.network_id) as final_id,
    n.study,
    n.dataset_id,
    d.name as dataset,
    n.width,
    n.depth,
    n.replica,
    n.epochs as epoch,
    n.final_id is null as is_final,
    n.train_accuracy,
    n.test_accuracy
from networks as n
join datasets as d using (dataset_id)
left join networks as f on f.network_id = n.final_id
where n.status <> 'failed';
