-- title:   Among which networks there are correlations of scores over enough of them, the widest alone
-- source:  geoflow
-- grain:   one row per (among, about, sample, data set), with the most taken out but widths and depths first
-- parameters:
--   study   study without the name of its variant
--   enough  networks that a correlation needs to be shown
select distinct among, about, sample, dataset
from score_correlations
where study = $study and n >= $enough and correlation is not null
qualify rank() over (order by list_position(['study', 'data set', 'kind'], among)) = 1
order by dataset, list_position(['family', 'kind', 'data set'], about), sample;
