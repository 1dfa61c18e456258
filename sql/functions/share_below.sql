-- title:   Share of numbers below a limit
-- formula: #{x < limit - 1e-12} / #{x}, NULLs left out: what is the limit but for rounding is not below it
-- source:  geoflow
-- grain:   aggregate
-- example: select share_below(degree_skewness, 0) from graphs
create or replace macro share_below(x, upper) as avg((x < upper - 1e-12)::double);
