-- title:   k, if the neighbours kept for a layer suffice for it
-- source:  geoflow
-- grain:   scalar: k, or an error that names the largest k the store can serve
-- example: select stored_k(1, 8)
create or replace macro stored_k(layer, k) as (
    select case
        when kept.up_to is null then error(format('no layer_id {} in this store', layer))
        when k is null or k < 1
            then error(format('k = {} is not a number of neighbours: give 1 or more', k))
        when k between 1 and kept.up_to then k
        else error(format(
            'k = {} but neighbours of layer_id {} are kept up to rank {}: write the network with --detail edges, or a larger store rank',
            k, layer, kept.up_to
        ))
    end
    from (
        select max(l.store_rank) as up_to
        from (select layer_id, store_rank from layers) as l
        where l.layer_id = layer
    ) as kept
);
