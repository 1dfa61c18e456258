-- title:   Least-squares slopes of the mean transport scores on the weight decay
-- formula: over variants that differ in weight decay alone; where several have one decay, there is no slope
-- source:  Gai, Zhang 2021
-- grain:   one row per (family, data set, width, depth, recipe, series)
-- parameters:
--   study  study without the name of its variant
select family, dataset, width, depth, recipe, series, count(*) as n_decays,
    round(regr_slope(line_shape_score, weight_decay), 9) as line_shape_slope,
    round(regr_slope(ot_score, weight_decay), 9) as ot_slope
from transport_comparison
where study = $study and family is not null and line_shape_score is not null
group by all
having count(distinct weight_decay) > 1 and count(*) = count(distinct weight_decay)
order by all;
