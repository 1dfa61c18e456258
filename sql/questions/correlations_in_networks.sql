-- title:   Correlations of scores across the layers or points of a network, mean over networks of all data sets and kinds
-- source:  geoflow
-- grain:   one row per ordered pair of scores
-- parameters:
--   study   study without the name of its variant
--   across  layers or points
--   k       number of neighbours
select label as score, other_label as other, sum(n_networks)::bigint as n,
    round(sum(n_networks * correlation) / sum(n_networks), 9) as correlation,
    null::double as correlation_low, null::double as correlation_high, null::double as p
from within_network_correlations
where study = $study and across = $across
    and correlation is not null
    and coalesce(k, $k) = $k
    and coalesce(other_k, $k) = $k
group by label, other_label
order by label, other_label;
