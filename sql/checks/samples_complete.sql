-- title:   Every test point of a data set has its sample
-- source:  geoflow
-- grain:   one row per data set with a sample missing, double or out of range
select d.dataset_id, d.n_test, count(s.point) as n_samples
from datasets as d
left join samples as s using (dataset_id)
group by d.dataset_id, d.n_test
having count(s.point) <> d.n_test
    or count(distinct s.point) <> d.n_test
    or min(s.point) <> 0
    or max(s.point) <> d.n_test - 1
