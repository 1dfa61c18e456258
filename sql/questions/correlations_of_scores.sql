-- title:   Correlations of the scores of networks, those of graphs at one k alone
-- source:  geoflow
-- grain:   one row per ordered pair of scores
-- parameters:
--   study    study without the name of its variant
--   enough   networks that a correlation needs to be shown
--   dataset  name of a data set, or all
--   k        number of neighbours
select score, other, n, round(correlation, 9) as correlation, p
from score_correlations
where study = $study and n >= $enough and correlation is not null
    and dataset = $dataset
    and regexp_extract(score, ' k=(.*)', 1) in ('', $k::varchar)
    and regexp_extract(other, ' k=(.*)', 1) in ('', $k::varchar)
order by score, other;
