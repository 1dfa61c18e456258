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
select 'regression_terms', null
from regression_terms
where not (
    isfinite(estimate)
    and isfinite(standard_error)
    and isfinite(t)
    and isfinite(p)
    and isfinite(r_squared)
)
