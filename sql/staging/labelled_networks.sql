-- title:   Every network and snapshot with what its study and its recipe say of it, failed ones too
-- source:  geoflow
-- grain:   one row per row of `networks`
-- columns:
--   network_id    network or snapshot
--   network       name of the network or snapshot
--   final_id      network whose snapshot this is, NULL if it is none
--   study
--   base_study    study without the name of its variant
--   variant       name of the variant, NULL if the study is none
--   cell_id       the least network_id of its study, data set, width and depth: what tells cells of a study apart
--   dataset_id
--   dataset       name of the data set
--   family, width, depth
--   recipe        how it was trained, weight decay aside; NULL for ingested networks
--   series        the same for variants that differ in family and weight decay alone: made of recipe, seed of the study and request
--   weight_decay, replica
--   half          0 for even replicas, 1 for odd ones
--   epochs, train_accuracy, test_accuracy
--   is_accurate   test_accuracy > accuracy_threshold; true where no threshold or accuracy is known
--   status
create or replace view labelled_networks as
select
    n.network_id,
    n.name as network,
    n.final_id,
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
        if(n.optimizer = 'rmsprop' and not n.epsilon_inside, 'epsilon outside the root', null),
        format('{} epochs of {}', n.epochs, n.batch_size),
        'memory ' || format('{:g}', n.memory_order),
        if(n.initialisation = 'torch', 'weights as in torch', null),
        'until accuracy ' || format('{:g}', n.until_accuracy),
        if(n.batch_norm, 'batch norm', null),
        nullif(n.validation_rows, 0) || ' rows to validate',
        if(n.shuffled_labels, 'shuffled labels', null)
    ) end as recipe,
    left(md5(concat_ws(
        '; ',
        recipe,
        min(n.seed - n.replica) over (partition by n.study, n.dataset_id, n.width, n.depth),
        max(n.request) over (partition by n.study, n.dataset_id, n.width, n.depth)
    )), 8) as series,
    n.weight_decay,
    n.replica,
    n.replica % 2 as half,
    n.epochs,
    n.train_accuracy,
    n.test_accuracy,
    is_above(n.test_accuracy, n.accuracy_threshold) as is_accurate,
    n.status
from networks as n
join datasets as d using (dataset_id);
