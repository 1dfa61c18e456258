-- title:   No network of a study is there twice
-- source:  geoflow
-- grain:   one row per repeated replica
select study, dataset_id, widths, replica, count(*) as n_networks
from networks
where replica is not null
group by study, dataset_id, widths, replica, optimizer, seed
having count(*) > 1
