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
select 'regression_terms', null
from regression_terms
where not (
    isfinite(estimate)
    and isfinite(standard_error)
    and isfinite(t)
    and isfinite(p)
    and isfinite(r_squared)
)
