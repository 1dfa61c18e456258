-- title:   What a reader needs to know of a network at each epoch that was kept
-- source:  geoflow
-- grain:   one row per (network, epoch): its snapshots, and the network at the end of its training
-- columns:
--   network_id      the network at this epoch: the key of its layers
--   network         name of the network at the end of its training
--   final_id, study
--   base_study      study without the name of its variant
--   variant         name of the variant, NULL if the study is none
--   cell_id         the least network_id of its study, data set, width and depth: what tells cells of a study apart
--   dataset_id
--   dataset         name of the data set
--   family, width, depth
--   recipe          how it was trained, weight decay aside; NULL for ingested networks
--   weight_decay, replica
--   epoch           passes over the training rows: 0 = untrained; NULL if ingested
--   is_final        whether this is the end of the training
--   train_accuracy, test_accuracy
create or replace view snapshot_labels as
select
    n.network_id,
    coalesce(f.name, n.name) as network,
    coalesce(n.final_id, n.network_id) as final_id,
    n.study,
    base_study(n.study) as base_study,
    variant_of(n.study) as variant,
    min(n.network_id) over (partition by n.study, n.dataset_id, n.width, n.depth) as cell_id,
    n.dataset_id,
    d.name as dataset,
    n.family,
    n.width,
    n.depth,
    case when n.optimizer is not null then concat_ws(
        ', ',
        format('{} {:g} {:g} {:g}', n.optimizer, n.learning_rate, n.decay, n.epsilon),
        format('{} epochs of {}', coalesce(f.epochs, n.epochs), n.batch_size),
        'memory ' || format('{:g}', n.memory_order),
        if(n.batch_norm, 'batch norm', null),
        nullif(n.validation_rows, 0) || ' rows to validate',
        if(n.shuffled_labels, 'shuffled labels', null)
    ) end as recipe,
    n.weight_decay,
    n.replica,
    n.epochs as epoch,
    n.final_id is null as is_final,
    n.train_accuracy,
    n.test_accuracy
from networks as n
join datasets as d using (dataset_id)
left join networks as f on f.network_id = n.final_id
where n.status <> 'failed';
