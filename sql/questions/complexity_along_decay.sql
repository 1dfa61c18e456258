-- title:   Local complexity, summed over layers, mean over networks
-- source:  Humayun et al., arXiv 2402.15555
-- grain:   one row per (variant, data set, radius, kind of points, family, width, depth, weight decay, recipe)
-- parameters:
--   study  study without the name of its variant
with summed as (
    select network_id, radius, points, sum(complexity) as complexity
    from local_complexity
    where complexity is not null
    group by all
)
select n.family, n.width, n.depth, n.weight_decay, n.recipe, n.series, n.variant, n.dataset, s.radius,
    s.points, count(*) as n_networks, round(avg(s.complexity), 9) as complexity
from summed as s
join network_labels as n on n.network_id = s.network_id
where n.base_study = $study
group by all
order by dataset, radius, points, depth, width, family, recipe, weight_decay, variant;
