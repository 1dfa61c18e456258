-- title:   Whether a coefficient is negative
-- formula: x < -1e-12: what is 0 but for rounding has no sign
-- source:  geoflow
-- grain:   scalar
-- example: select is_negative(-1e-17)
create or replace macro is_negative(x) as x < -1e-12;
