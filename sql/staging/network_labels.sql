-- title:   What a reader needs to know of a network at the end of its training
-- source:  geoflow
-- grain:   one row per network; its snapshots are in `snapshot_labels`
-- columns:
--   network_id     network
--   network        name of the network
--   study          study
--   dataset_id     data set
--   dataset        name of the data set
--   width          name of the widths
--   depth          hidden layers L
--   replica        number of the network among those of its study, data set and widths
--   half           0 for even replicas, 1 for odd ones
--   test_accuracy  share of test points classified correctly
--   is_accurate    test_accuracy > accuracy_threshold; true where no threshold or accuracy is known
create or replace view network_labels as
select
    n.network_id,
    n.name as network,
    n.study,
    n.dataset_id,
    d.name as dataset,
    n.width,
    n.depth,
    n.replica,
    n.replica % 2 as half,
    n.test_accuracy,
    coalesce(n.test_accuracy > n.accuracy_threshold, true) as is_accurate
from networks as n
join datasets as d using (dataset_id)
where n.status <> 'failed' and n.final_id is null;
