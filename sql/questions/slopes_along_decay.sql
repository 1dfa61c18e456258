-- title:   Least-squares slopes of the mean transport scores on the weight decay
-- source:  Gai, Zhang 2021
-- grain:   one row per (family, data set, width, depth, recipe)
-- parameters:
--   study  study without the name of its variant
select family, dataset, width, depth, recipe, count(*) as n_decays,
    round(regr_slope(line_shape_score, weight_decay), 9) as line_shape_slope,
    round(regr_slope(ot_score, weight_decay), 9) as ot_slope
from transport_comparison
where study = $study and family is not null and line_shape_score is not null
group by all
having count(distinct weight_decay) > 1
order by all;
