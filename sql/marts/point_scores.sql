-- title:   Every score of a test point, one under another
-- formula: complexity is the sum over layers; is_optimal and is_correct are 0 or 1
-- source:  geoflow; each score has its own view or table
-- grain:   one row per (network, point, score), NULL scores left out
-- columns:
--   network_id, network, study, dataset, point
--   score       which: local_coefficient names curvature, convention and k, complexity its radius
--   value       the score
create or replace view point_scores as
with scores as (
    select
        network_id,
        point,
        format('local_coefficient {}{} {} k={}', curvature, coalesce(format('({:g})', alpha), ''), convention, k) as score,
        local_coefficient as value
    from point_coefficients
    union all
    select network_id, point, 'line_shape_score', line_shape_score::double from point_tracks
    union all
    select network_id, point, 'path_length', path_length::double from point_tracks
    union all
    select network_id, point, 'displacement', displacement::double from point_tracks
    union all
    select network_id, point, 'is_optimal', is_optimal::integer::double from point_tracks
    union all
    select network_id, point, format('complexity r={:g}', radius), sum(complexity)::double
    from point_complexities
    where points = 'test'
    group by network_id, point, radius
    union all
    select p.network_id, p.point, 'is_correct', (p.predicted = s.label)::integer::double
    from predictions as p
    join networks as n on n.network_id = p.network_id
    join samples as s on s.dataset_id = n.dataset_id and s.point = p.point
    union all
    select network_id, point, 'margin', margin::double from predictions
)
select s.network_id, n.network, n.study, n.dataset, s.point, s.score, s.value
from scores as s
join network_labels as n on n.network_id = s.network_id
where s.value is not null;
