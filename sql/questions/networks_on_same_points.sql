-- title:   Networks that were measured on the same points as a network, itself first
-- source:  geoflow
-- grain:   one row per network at the end of its training
-- parameters:
--   network_id  key of a network
select o.name as network
from networks as n
join datasets as d on d.dataset_id = n.dataset_id
join datasets as e on e.fingerprint = d.fingerprint
join networks as o on o.dataset_id = e.dataset_id
where n.network_id = $network_id and o.final_id is null and o.status <> 'failed'
order by o.network_id <> $network_id, o.network_id;
