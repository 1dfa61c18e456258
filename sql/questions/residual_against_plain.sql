-- title:   Pairs of plain and residual networks whose intervals do not overlap
-- source:  Gai, Zhang 2021
-- grain:   one row per data set; all_accurate: pairs of which every network is above its threshold
-- parameters:
--   study  study without the name of its variant
with accurate as (
    select l.base_study as study, l.dataset_id, l.family, l.width, l.depth, l.weight_decay,
        coalesce(l.recipe, '') as recipe, bool_and(l.is_accurate) as is_accurate
    from transport_scores as s
    join network_labels as l on l.network_id = s.network_id
    where s.ot_score is not null
    group by all
),
compared as (
    from (select * replace (coalesce(recipe, '') as recipe) from transport_comparison)
    join accurate using (study, dataset_id, family, width, depth, weight_decay, recipe)
),
pairs as (
    select r.dataset, r.line_shape_high < p.line_shape_low as is_straighter,
        r.line_shape_low > p.line_shape_high as is_less_straight,
        r.ot_low > p.ot_high as is_more_optimal,
        r.ot_high < p.ot_low as is_less_optimal,
        r.is_accurate and p.is_accurate as is_accurate
    from compared as r
    join compared as p using (study, dataset_id, width, depth, weight_decay, recipe)
    where study = $study and r.family = 'residual' and p.family = 'plain'
        and r.n_networks > 1 and p.n_networks > 1
)
select dataset, count(*) as pairs,
    count(*) filter (is_straighter) as straighter,
    count(*) filter (is_less_straight) as less_straight,
    count(*) filter (is_more_optimal) as more_optimal,
    count(*) filter (is_less_optimal) as less_optimal,
    count(*) filter (is_accurate) as all_accurate,
    count(*) filter (is_accurate and is_straighter) as accurate_straighter,
    count(*) filter (is_accurate and is_more_optimal) as accurate_more_optimal
from pairs
group by dataset
order by dataset;
