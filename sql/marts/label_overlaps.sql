-- title:   Label overlap: how often the nearest neighbours of a point are of its class
-- formula: mean over points of the share of their class among their k neighbours;
--          chance = sum over classes c of n_c (n_c - 1) / (n (n - 1))
-- source:  Doimo, Glielmo, Ansuini, Laio 2020
-- grain:   one row per (network, layer, k), snapshots included
-- columns:
--   network_id     network at this epoch: the key of its layers
--   network, study, dataset, epoch, is_final, layer, is_output
--   k
--   label_overlap  0 to 1; NULL with a reason
--   chance         label overlap of neighbours drawn at random, NULL without labels
--   n_tied
--   reason         why the overlap is NULL
create or replace view label_overlaps as
with class as (
    select dataset_id, label, count(*) as n from samples where label is not null group by dataset_id, label
),
random as (
    select dataset_id, sum(n * (n - 1)) / (sum(n) * (sum(n) - 1)) as chance from class group by dataset_id
)
select
    nl.network_id,
    n.network,
    n.study,
    n.dataset,
    n.epoch,
    n.is_final,
    nl.layer,
    nl.is_output,
    m.k,
    case when nl.n_distinct > 1 then h.label_overlap end as label_overlap,
    r.chance,
    h.n_tied,
    case
        when r.chance is null then 'no labels'
        when nl.store_rank < m.k then rank_reason(nl.store_rank, m.k)
        when nl.n_distinct = 1 then 'all points are the same'
    end as reason
from network_layers as nl
join snapshot_labels as n on n.network_id = nl.network_id
join measured_neighborhoods as m on m.network_id = nl.network_id
left join neighborhoods as h on h.layer_id = nl.layer_id and h.k = m.k
left join random as r on r.dataset_id = n.dataset_id;
