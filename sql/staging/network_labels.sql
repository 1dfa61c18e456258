-- title:   What a reader needs to know of a network at the end of its training
-- source:  geoflow
-- grain:   one row per network; its snapshots are in `snapshot_labels`
-- columns:
--   network_id    network
--   network  name of the network
--   study  study
--   base_study  study without the name of its variant
--   variant  name of the variant, NULL if the study is none
--   cell_id  the least network_id of its study, data set, width and depth: what tells cells of a study apart
--   dataset_id  data set
--   dataset  name of the data set
--   family  plain, residual, dense or fractional: which earlier layers a layer sees; NULL if not known
--   width  name of the widths
--   depth  hidden layers L
--   recipe  how it was trained, weight decay aside; NULL for ingested networks
--   weight_decay  L2 penalty
--   replica  number of the network among those of its study, data set and widths
--   half          0 for even replicas, 1 for odd ones
--   test_accuracy  share of test points classified correctly
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
