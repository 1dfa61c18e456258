-- title:   Convention of a layer's graphs
-- source:  geoflow
-- grain:   scalar: the convention given, or the only one stored for the layer
-- example: select convention_of(1, null)
create or replace macro convention_of(layer, convention) as (
    select case
        when convention in ('directed', 'union', 'mutual') then convention
        when convention is not null
            then error(format('unknown convention {}: directed, union or mutual', convention))
        when stored.n_conventions = 1 then stored.only_one
        when stored.n_conventions = 0
            then error(format('no graph of layer_id {} in this store', layer))
        else error(format(
            'layer_id {} has graphs of several conventions: add convention := ''union'' (or another)',
            layer
        ))
    end
    from (
        select count(distinct g.convention) as n_conventions, min(g.convention) as only_one
        from graphs as g
        where g.layer_id = layer
    ) as stored
);
