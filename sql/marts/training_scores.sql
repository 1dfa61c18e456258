-- title:   Every score of a network along its training, one under another
-- formula: ricci_coefficient is that of start hidden at the optimal k of its cell, local_coefficient the mean over
--          points, mean_affinity over layers, complexity the sum over layers; path_ratio is known at the end alone
-- source:  geoflow; each score has its own view
-- grain:   one row per (network, epoch, score), NULL scores left out
-- columns:
--   network_id  network at this epoch: the key of its layers
--   network, study, dataset, epoch, is_final
--   score       which: those of graphs name their convention, curvature and k, complexity its points and radius
--   value       the score
create or replace view training_scores as
with affinities as (
    select network_id, avg(affinity_score) as affinity from layer_affinities group by network_id
),
complexities as (
    select network_id, points, radius, sum(complexity) as complexity
    from layer_complexities
    group by all
),
scores as (
    select c.network_id, format('ricci_coefficient {}', c.convention) as score, c.ricci_coefficient as value
    from network_coefficients as c
    join snapshot_labels as n on n.network_id = c.network_id
    join optimal_k as o
        on o.study = n.study
        and o.dataset_id = n.dataset_id
        and o.width = n.width
        and o.depth = n.depth
        and o.convention = c.convention
        and o.start = c.start
        and o.optimal_k = c.k
    where c.start = 'hidden'
    union all
    select
        m.network_id,
        format('local_coefficient {}{} {} k={}', m.curvature, coalesce(format('({:g})', m.alpha), ''), m.convention, m.k),
        m.mean_local_coefficient
    from local_means as m
    union all
    select network_id, 'line_shape_score', line_shape_score from track_scores
    union all
    select network_id, 'ot_score', ot_score from track_scores
    union all
    select network_id, 'transport_efficiency', transport_efficiency from track_scores
    union all
    select network_id, 'geodesic_ratio', geodesic_ratio from track_scores
    union all
    select network_id, 'mean_affinity', affinity from affinities
    union all
    select network_id, format('complexity {} r={:g}', points, radius), complexity from complexities
    union all
    select network_id, 'path_ratio', path_ratio from training_speed
    union all
    select network_id, 'test_accuracy', test_accuracy from networks
    union all
    select network_id, 'generalisation_gap', train_accuracy - test_accuracy from networks
)
select s.network_id, n.network, n.study, n.dataset, n.epoch, n.is_final, s.score, s.value
from scores as s
join snapshot_labels as n on n.network_id = s.network_id
where s.value is not null;
