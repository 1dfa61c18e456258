-- title:   Networks of each data set that are reported, and those left out
-- source:  Baptista et al. 2024, section 4
-- grain:   one row per data set
-- parameters:
--   study       a study
--   convention  how neighbours become edges
select dataset, count(*) as networks,
    count(*) filter (exclusion = 'below threshold') as below_threshold,
    count(*) filter (exclusion = 'no optimal k') as no_optimal_k,
    count(*) filter (exclusion = 'not measured') as not_measured,
    count(*) filter (exclusion = 'disconnected') as disconnected,
    count(*) filter (exclusion = 'undefined') as undefined,
    count(*) filter (exclusion is null) as reported,
    count(*) filter (is_negative(ricci_coefficient)) as negative
from optimal_coefficients
where study = $study and convention = $convention and start = 'hidden' and "end" = 'hidden'
group by dataset
order by dataset;
