-- title:   Share of numbers below a limit
-- formula: #{x < limit} / #{x}, NULLs left out
-- source:  geoflow
-- grain:   aggregate
-- example: select share_below(degree_skewness, 0) from graphs
create or replace macro share_below(x, upper) as avg((x < upper)::double);
