-- title:   Networks of a study that have two snapshots or more before their end
-- source:  geoflow
-- grain:   one row per network
-- parameters:
--   study  a study
select final_id
from networks
where study = $study and status <> 'failed' and final_id is not null
group by final_id
having count(*) > 1;
