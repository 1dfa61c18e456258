-- title:   Whether the numbers of a group differ by more than rounding
-- formula: max x - min x > 1e-12 max(unit, max |x|)
-- source:  geoflow; unit: size of the numbers that x was made of, where they cancel
-- grain:   aggregate
-- example: select varies(layer), varies(layer, unit := 1) from layers
create or replace macro varies(x, unit := 0) as
    max(x) - min(x) > 1e-12 * greatest(unit, max(abs(x)));
