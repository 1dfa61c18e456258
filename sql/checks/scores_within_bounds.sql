-- title:   Every score keeps the bounds of its entry, but for rounding
-- source:  geoflow; `scores` has the bounds
-- grain:   one row per score outside them
with every as (
    select 'network' as level, network_id, null as place, score, value from training_scores
    union all
    select 'layer', network_id, layer, score, value from layer_scores
    union all
    select 'pair', network_id, layer, score, value from pair_scores
    union all
    select 'point', network_id, point, score, value from point_scores
)
select e.level, e.network_id, e.place, e.score, e.value, s.low, s.high
from every as e
left join scores as s on s.level = e.level and s.name = e.score
where s.name is null or e.value < s.low - 1e-12 or e.value > s.high + 1e-12
