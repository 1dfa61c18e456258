-- title:   Pairs of plain and residual networks whose intervals do not overlap
-- formula: a pair differs in its family alone; where several variants of a family could be one side of it, there is none
-- source:  Gai, Zhang 2021
-- grain:   one row per data set; all_accurate: pairs of which every network is above its threshold
-- parameters:
--   study  study without the name of its variant
with compared as (
    from transport_comparison
    where study = $study
    qualify count(*) over (partition by family, dataset_id, width, depth, weight_decay, series) = 1
),
pairs as (
    select r.dataset, r.line_shape_high < p.line_shape_low as is_straighter,
        r.line_shape_low > p.line_shape_high as is_less_straight,
        r.ot_low > p.ot_high as is_more_optimal,
        r.ot_high < p.ot_low as is_less_optimal,
        r.is_accurate and p.is_accurate as is_accurate
    from compared as r
    join compared as p using (dataset_id, width, depth, weight_decay, series)
    where r.family = 'residual' and p.family = 'plain'
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
