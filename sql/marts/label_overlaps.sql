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
    h.network_id,
    n.network,
    n.study,
    n.dataset,
    n.epoch,
    n.is_final,
    h.layer,
    h.is_output,
    h.k,
    h.label_overlap,
    r.chance,
    h.n_tied,
    case
        when r.chance is null then 'no labels'
        when h.store_rank < h.k then rank_reason(h.store_rank, h.k)
        when h.n_distinct = 1 then 'all points are the same'
    end as reason
from layer_neighborhoods as h
join snapshot_labels as n on n.network_id = h.network_id
left join random as r on r.dataset_id = n.dataset_id;
