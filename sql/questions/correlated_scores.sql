-- title:   Data sets and scores that have a correlation over enough networks
-- source:  geoflow
-- grain:   one row per (data set, score)
-- parameters:
--   study   study without the name of its variant
--   enough  networks that a correlation needs to be shown
select distinct dataset, score
from score_correlations
where study = $study and n >= $enough and correlation is not null
order by dataset, score;
