-- title:   Transport scores keep their bounds
-- formula: line_shape_score >= 1 and its median, none of one step; 0 <= least_ot_score <= ot_score <= 1, both the same where one assignment
--          is optimal; 0 <= efficiency <= 1; w2 <= rms_displacement; path >= geodesic; 0 <= affinity <= 1;
--          crossings <= complexity <= units of the layer, both the mean of its points; no more than 8,000 points;
--          weights: path >= chord; a score that is NULL has a reason
-- source:  geoflow
-- grain:   one row per relation and network that breaks one
select 'transport_tracks' as relation, network_id as key
from transport_tracks
where line_shape_score < 1
    or median_line_shape < 1
    or (n_steps = 1 and (line_shape_score is not null or median_line_shape is not null))
    or ot_score not between coalesce(least_ot_score, 0) and 1
    or least_ot_score < 0
    or (is_ot_unique and least_ot_score <> ot_score)
    or (sample_seed is not null and n_points <> 8000)
    or transport_efficiency not between 0 and 1 + 1e-12
    or w2 > rms_displacement * (1 + 1e-12)
    or w2_path_length < w2_geodesic_length * (1 - 1e-9)
    or ((line_shape_score is null or transport_efficiency is null or relative_displacement is null) and reason is null)
union
select 'transport_steps', network_id
from transport_steps
where ot_score not between coalesce(least_ot_score, 0) and 1
    or least_ot_score < 0
    or (is_ot_unique and least_ot_score <> ot_score)
    or (sample_seed is not null and n_points <> 8000)
    or transport_efficiency not between 0 and 1 + 1e-12
    or w2 > rms_displacement * (1 + 1e-12)
    or mean_turning_angle not between 0 and pi() + 1e-12
    or ((transport_efficiency is null or relative_displacement is null) and reason is null)
union
select 'point_tracks', network_id
from point_tracks
where line_shape_score < 1
    or path_length < displacement * (1 - 1e-5)
    or (line_shape_score is null) <> (reason is not null)
union
select 'layer_affinities', network_id
from layer_affinities
where affinity_score not between 0 and 1 or (affinity_score is null) <> (reason is not null)
union
select 'layer_complexities', c.network_id
from layer_complexities as c
join layers as l on l.network_id = c.network_id and l.layer = c.layer
where c.complexity not between coalesce(c.crossings, 0) and l.n_units or c.crossings not between 0 and l.n_units
union
select 'point_complexities', p.network_id
from (
    select
        network_id, layer, radius, points, count(*) as n_points, avg(complexity) as complexity,
        avg(crossings) as crossings
    from point_complexities
    group by all
) as p
left join layer_complexities as c using (network_id, layer, radius, points)
where p.n_points is distinct from c.n_points
    or abs(p.complexity - c.complexity) > 1e-9 * c.n_points
    or abs(p.crossings - c.crossings) > 1e-9 * c.n_points
union
select 'weight_paths', network_id
from weight_paths
where path_length < chord * (1 - 1e-6)
