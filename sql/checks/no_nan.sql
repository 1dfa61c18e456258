-- title:   No NaN and no infinity in any table
-- source:  geoflow
-- grain:   one row per table and key with such a number
select 'networks' as relation, network_id as key
from networks
where not (
    coalesce(isfinite(train_accuracy), true)
    and coalesce(isfinite(test_accuracy), true)
    and coalesce(isfinite(train_loss), true)
    and coalesce(isfinite(test_loss), true)
    and coalesce(isfinite(seconds), true)
    and coalesce(isfinite(memory_order), true)
    and coalesce(isfinite(learning_rate), true)
    and coalesce(isfinite(decay), true)
    and coalesce(isfinite(epsilon), true)
    and coalesce(isfinite(weight_decay), true)
    and coalesce(isfinite(accuracy_threshold), true)
)
union all
select 'graphs', graph_id
from graphs
where not (
    coalesce(isfinite(degree_skewness), true) and coalesce(isfinite(total_geodesic_error), true)
)
union all
select 'neighbors', layer_id
from neighbors
where not isfinite(distance)
union all
select 'edge_curvatures', graph_id
from edge_curvatures
where not (isfinite(value) and coalesce(isfinite(alpha), true))
union all
select 'point_curvatures', graph_id
from point_curvatures
where not (coalesce(isfinite(mean_curvature), true) and coalesce(isfinite(alpha), true))
union all
select 'community_agreement', graph_id
from community_agreement
where not (
    coalesce(isfinite(leiden_modularity), true)
    and coalesce(isfinite(adjusted_rand), true)
    and coalesce(isfinite(normalized_mutual_information), true)
)
union all
select 'class_curvatures', network_id
from class_curvatures
where not (
    coalesce(isfinite(alpha), true)
    and coalesce(isfinite(mean_within), true)
    and coalesce(isfinite(variance_within), true)
    and coalesce(isfinite(mean_between), true)
    and coalesce(isfinite(variance_between), true)
)
union all
select 'predictions', network_id
from predictions
where not coalesce(isfinite(margin), true)
union all
select 'transport_steps', network_id
from transport_steps
where not (
    coalesce(isfinite(regularisation), true)
    and coalesce(isfinite(w2), true)
    and coalesce(isfinite(rms_displacement), true)
    and coalesce(isfinite(ot_score), true)
    and coalesce(isfinite(transport_efficiency), true)
    and coalesce(isfinite(relative_displacement), true)
    and coalesce(isfinite(mean_turning_angle), true)
)
union all
select 'transport_tracks', network_id
from transport_tracks
where not (
    coalesce(isfinite(line_shape_score), true)
    and coalesce(isfinite(median_line_shape), true)
    and coalesce(isfinite(regularisation), true)
    and coalesce(isfinite(w2), true)
    and coalesce(isfinite(rms_displacement), true)
    and coalesce(isfinite(ot_score), true)
    and coalesce(isfinite(transport_efficiency), true)
    and coalesce(isfinite(relative_displacement), true)
    and coalesce(isfinite(w2_path_length), true)
    and coalesce(isfinite(w2_geodesic_length), true)
)
union all
select 'point_tracks', network_id
from point_tracks
where not (
    coalesce(isfinite(line_shape_score), true)
    and coalesce(isfinite(path_length), true)
    and coalesce(isfinite(displacement), true)
)
union all
select 'layer_affinities', network_id
from layer_affinities
where not (
    coalesce(isfinite(affinity_score), true)
)
union all
select 'layer_complexities', network_id
from layer_complexities
where not (
    coalesce(isfinite(radius), true)
    and coalesce(isfinite(complexity), true)
    and coalesce(isfinite(complexity_deviation), true)
)
union all
select 'point_complexities', network_id from point_complexities where not isfinite(radius)
union all
select 'weight_paths', network_id
from weight_paths
where not (
    coalesce(isfinite(path_length), true)
    and coalesce(isfinite(chord), true)
    and coalesce(isfinite(first_loss), true)
    and coalesce(isfinite(last_loss), true)
)
union all
select 'regression_terms', null
from regression_terms
where not (
    isfinite(estimate)
    and isfinite(standard_error)
    and isfinite(t)
    and isfinite(p)
    and isfinite(r_squared)
)
union all
select 'point_coefficients', network_id
from point_coefficients
where not (
    coalesce(isfinite(alpha), true)
    and coalesce(isfinite(local_coefficient), true)
)
union all
select 'layer_coefficients', network_id
from layer_coefficients
where not (
    coalesce(isfinite(alpha), true)
    and coalesce(isfinite(mean_curvature), true)
    and coalesce(isfinite(mean_expansion), true)
    and coalesce(isfinite(layer_coefficient), true)
)
union all
select 'network_correlations', network_id
from network_correlations
where not (
    coalesce(isfinite(alpha), true)
    and coalesce(isfinite(radius), true)
    and coalesce(isfinite(other_alpha), true)
    and coalesce(isfinite(other_radius), true)
    and coalesce(isfinite(correlation), true)
)
union all
select 'network_score_values', network_id
from network_score_values
where not (
    coalesce(isfinite(value), true)
)
union all
select 'layer_score_values', network_id
from layer_score_values
where not (
    coalesce(isfinite(value), true)
)
union all
select 'point_score_values', network_id
from point_score_values
where not (
    coalesce(isfinite(value), true)
)
union all
select 'own_scores', null
from own_scores
where not (coalesce(isfinite(low), true) and coalesce(isfinite(high), true))
