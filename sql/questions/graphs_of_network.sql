-- title:   The layers of a network and their graphs; of the first network where none is named
-- source:  geoflow
-- grain:   one row per (layer, k, convention) of one network, k and convention NULL for a layer without graphs
-- parameters:
--   network  name of a network or a snapshot, NULL for the first network of the store
with chosen as (
    select network_id, networks.name as network, coalesce(final_id, network_id) as final_id, study, d.name as dataset
    from networks
    join datasets as d using (dataset_id)
    where if($network::varchar is null, final_id is null and status <> 'failed', networks.name = $network)
    order by network_id
    limit 1
)
select c.network_id, c.network, c.final_id, c.study, c.dataset, l.layer, l.is_output, l.n_units, l.n_points, g.convention, g.k
from chosen as c
left join network_layers as l using (network_id)
left join network_graphs as g on g.network_id = c.network_id and g.layer = l.layer
order by l.layer, g.convention, g.k;
