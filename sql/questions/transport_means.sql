-- title:   Mean transport scores along weight decay, with the ends of their intervals
-- source:  Gai, Zhang 2021
-- grain:   one row per row of transport_comparison
-- parameters:
--   studies  names of studies, without variants
from transport_comparison
where study in $studies
order by study, dataset, depth, width, family, recipe, weight_decay, variant;
