-- title:   Intrinsic dimension of the layers of a network, by three estimators
-- formula: twonn: N / sum ln(r2 / r1); twonn fit: the line through (ln mu, -ln(1 - F)) without the top tenth;
--          maximum likelihood, at k: the inverse of the mean over points of 1 / (k - 1) sum_{j < k} ln(r_k / r_j)
-- source:  Facco, d'Errico, Rodriguez, Laio 2017; Denti et al. 2022; Levina, Bickel 2005, MacKay, Ghahramani 2005
-- grain:   one row per (network, layer, estimator, k), snapshots included
-- columns:
--   network_id  network at this epoch: the key of its layers
--   network, study, dataset, epoch, is_final, layer, is_output, n_units, n_points
--   estimator   twonn, twonn fit or maximum likelihood
--   k           number of neighbours, NULL for twonn, which has two
--   dimension   intrinsic dimension; NULL with a reason
--   n_zero      points with a copy: left out; NULL where nothing is measured
--   n_tied      points whose two nearest are equally far: left out of twonn; NULL for maximum likelihood
--   reason      why the dimension is NULL
create or replace view intrinsic_dimensions as
with every as (
    select
        nl.network_id,
        nl.layer,
        nl.is_output,
        nl.n_units,
        nl.n_points,
        nl.store_rank,
        e.estimator,
        null::integer as k,
        if(e.estimator = 'twonn', t.twonn_dimension, t.twonn_fit) as dimension,
        t.n_zero,
        t.n_tied,
        2 as needed
    from network_layers as nl
    cross join (values ('twonn'), ('twonn fit')) as e (estimator)
    left join twonn_dimensions as t on t.layer_id = nl.layer_id
    union all
    select
        network_id,
        layer,
        is_output,
        n_units,
        n_points,
        store_rank,
        'maximum likelihood',
        k,
        ml_dimension,
        n_zero,
        null,
        greatest(k, 2)
    from layer_neighborhoods
)
select
    e.network_id,
    n.network,
    n.study,
    n.dataset,
    n.epoch,
    n.is_final,
    e.layer,
    e.is_output,
    e.n_units,
    e.n_points,
    e.estimator,
    e.k,
    e.dimension,
    e.n_zero,
    e.n_tied,
    case
        when e.dimension is not null then null
        when e.k = 1 then 'one neighbour has no ratio of distances'
        when e.store_rank < e.needed then rank_reason(e.store_rank, e.needed)
        when e.n_zero = e.n_points then 'every point has a copy'
        else 'fewer than two different ratios of distances'
    end as reason
from every as e
join snapshot_labels as n on n.network_id = e.network_id;
