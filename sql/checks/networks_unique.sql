-- title:   No network of a study and no snapshot of a network is there twice
-- source:  geoflow
-- grain:   one row per repeated replica or epoch
select study, dataset_id, widths, replica, null as final_id, null as epochs, count(*) as n_networks
from networks
where replica is not null and final_id is null
group by study, dataset_id, widths, replica, optimizer, seed
having count(*) > 1
union all
select any_value(study), any_value(dataset_id), any_value(widths), any_value(replica), final_id, epochs, count(*)
from networks
where final_id is not null
group by final_id, epochs
having count(*) > 1
