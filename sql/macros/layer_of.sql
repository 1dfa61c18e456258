-- title:   Key of a layer, from the name of its network
-- source:  geoflow
-- grain:   scalar: layer_id of layer number layer_index of a network or a snapshot, for the graph macros
-- example: select layer_of('digits', 1)
create or replace macro layer_of(network_name, layer_index) as (
    select coalesce(
        found.layer_id,
        error(format(
            'no layer {} of network {} in this store: see network_layers and networks',
            layer_index, network_name
        ))
    )
    from (
        select max(nl.layer_id) as layer_id
        from network_layers as nl
        join networks as n on n.network_id = nl.network_id
        where n.name = network_name and nl.layer = layer_index
    ) as found
);
