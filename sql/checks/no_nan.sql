-- title:   No NaN and no infinity in any table
-- source:  geoflow
-- grain:   one row per table and key with such a number
select 'networks' as relation, network_id as key
from networks
where not (
    is_number(train_accuracy)
    and is_number(test_accuracy)
    and is_number(train_loss)
    and is_number(test_loss)
    and is_number(seconds)
    and is_number(memory_order)
    and is_number(learning_rate)
    and is_number(decay)
    and is_number(epsilon)
    and is_number(weight_decay)
    and is_number(accuracy_threshold)
    and is_number(until_accuracy)
)
union all
select 'graphs', graph_id
from graphs
where not (
    is_number(degree_skewness) and is_number(total_geodesic_error)
)
union all
select 'neighbors', layer_id
from neighbors
where not isfinite(distance)
union all
select 'positions', layer_id
from positions
where not (isfinite(x) and isfinite(y) and isfinite(z))
union all
select 'edge_curvatures', graph_id
from edge_curvatures
where not (isfinite(value) and is_number(alpha))
union all
select 'point_curvatures', graph_id
from point_curvatures
where not (is_number(mean_curvature) and is_number(alpha))
union all
select 'community_agreement', graph_id
from community_agreement
where not (
    is_number(leiden_modularity)
    and is_number(adjusted_rand)
    and is_number(normalized_mutual_information)
)
union all
select 'class_curvatures', network_id
from class_curvatures
where not (
    is_number(alpha)
    and is_number(mean_within)
    and is_number(variance_within)
    and is_number(mean_between)
    and is_number(variance_between)
)
union all
select 'predictions', network_id
from predictions
where not is_number(margin)
union all
select 'transport_steps', network_id
from transport_steps
where not (
    is_number(w2)
    and is_number(rms_displacement)
    and is_number(ot_score)
    and is_number(least_ot_score)
    and is_number(transport_efficiency)
    and is_number(relative_displacement)
    and is_number(mean_turning_angle)
)
union all
select 'transport_tracks', network_id
from transport_tracks
where not (
    is_number(line_shape_score)
    and is_number(median_line_shape)
    and is_number(w2)
    and is_number(rms_displacement)
    and is_number(ot_score)
    and is_number(least_ot_score)
    and is_number(transport_efficiency)
    and is_number(relative_displacement)
    and is_number(w2_path_length)
    and is_number(w2_geodesic_length)
)
union all
select 'point_tracks', network_id
from point_tracks
where not (
    is_number(line_shape_score)
    and is_number(path_length)
    and is_number(displacement)
)
union all
select 'layer_affinities', network_id
from layer_affinities
where not (
    is_number(affinity_score)
)
union all
select 'layer_complexities', network_id
from layer_complexities
where not (
    is_number(radius)
    and is_number(complexity)
    and is_number(complexity_deviation)
    and is_number(crossings)
)
union all
select 'point_complexities', network_id from point_complexities where not isfinite(radius)
union all
select 'weight_paths', network_id
from weight_paths
where not (
    is_number(path_length)
    and is_number(chord)
    and is_number(first_loss)
    and is_number(last_loss)
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
    is_number(alpha)
    and is_number(local_coefficient)
)
union all
select 'layer_coefficients', network_id
from layer_coefficients
where not (
    is_number(alpha)
    and is_number(mean_curvature)
    and is_number(mean_expansion)
    and is_number(layer_coefficient)
)
union all
select 'network_correlations', network_id
from network_correlations
where not (
    is_number(alpha)
    and is_number(radius)
    and is_number(other_alpha)
    and is_number(other_radius)
    and is_number(correlation)
)
union all
select 'network_score_values', network_id
from network_score_values
where not (
    is_number(value)
)
union all
select 'layer_score_values', network_id
from layer_score_values
where not (
    is_number(value)
)
union all
select 'pair_score_values', network_id
from pair_score_values
where not (
    is_number(value)
)
union all
select 'point_score_values', network_id
from point_score_values
where not (
    is_number(value)
)
union all
select 'layer_similarities', network_id
from layer_similarities
where not (is_number(linear_cka) and is_number(unbiased_cka))
union all
select 'twonn_dimensions', layer_id
from twonn_dimensions
where not (is_number(twonn_dimension) and is_number(twonn_fit))
union all
select 'neighborhoods', layer_id
from neighborhoods
where not (is_number(ml_dimension) and is_number(label_overlap))
union all
select 'layer_overlaps', network_id from layer_overlaps where not isfinite(neighborhood_overlap)
union all
select 'own_scores', null
from own_scores
where not (is_number(low) and is_number(high) and is_number(alpha) and is_number(radius))
