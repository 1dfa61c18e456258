-- title:   Correlations of the scores of networks, those of graphs at one k alone
-- source:  geoflow
-- grain:   one row per ordered pair of scores
-- parameters:
--   study    study without the name of its variant
--   enough   networks that a correlation needs to be shown
--   among    kind, data set or study
--   about    kind, family or data set
--   sample   all or without collapsed
--   dataset  name of a data set, NULL for all of a study
--   k        number of neighbours
select label as score, other_label as other, n, round(correlation, 9) as correlation,
    round(correlation_low, 9) as correlation_low, round(correlation_high, 9) as correlation_high, p
from score_correlations
where study = $study and n >= $enough and correlation is not null
    and among = $among
    and about = $about
    and sample = $sample
    and dataset is not distinct from $dataset
    and coalesce(k, $k) = $k
    and coalesce(other_k, $k) = $k
order by score, other;
