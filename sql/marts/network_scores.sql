-- title:   Every score of a network, one under another
-- source:  geoflow; each score has its own view
-- grain:   one row per (network, score), NULL scores left out
-- columns:
--   network_id  network
--   network     name of the network
--   study       study
--   dataset     name of the data set
--   score       which: ricci_coefficient and local_coefficient name their convention, curvature and k
--   value       the score
create or replace view network_scores as
with affinities as (
    select network_id, avg(affinity_score) as affinity from layer_affinities group by network_id
),
complexities as (
    select network_id, points, radius, sum(complexity) as complexity
    from layer_complexities
    group by all
),
scores as (
    select network_id, format('ricci_coefficient {}', convention) as score, ricci_coefficient as value
    from network_summary
    union all
    select
        m.network_id,
        format('local_coefficient {}{} {} k={}', m.curvature, coalesce(format('({:g})', m.alpha), ''), m.convention, m.k),
        m.mean_local_coefficient
    from local_means as m
    union all
    select network_id, 'line_shape_score', line_shape_score from transport_tracks
    union all
    select network_id, 'ot_score', ot_score from transport_tracks
    union all
    select network_id, 'transport_efficiency', transport_efficiency from transport_tracks
    union all
    select network_id, 'geodesic_ratio', geodesic_ratio from transport_scores
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
select s.network_id, n.network, n.study, n.dataset, s.score, s.value
from scores as s
join network_labels as n on n.network_id = s.network_id
where s.value is not null;
