-- title:   Key of a layer, from the name of its network
-- source:  geoflow
-- grain:   scalar: layer_id of layer number layer_index of a network, for the graph macros
-- example: select layer_of('digits', 1)
create or replace macro layer_of(network_name, layer_index) as (
    select coalesce(
        found.layer_id,
        error(format(
            'no layer {} of network {} in this store: see the views network_layers and network_labels',
            layer_index, network_name
        ))
    )
    from (
        select max(nl.layer_id) as layer_id
        from network_layers as nl
        join network_labels as n on n.network_id = nl.network_id
        where n.network = network_name and nl.layer = layer_index
    ) as found
);
