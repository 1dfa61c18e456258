-- title:   A number moved into its bounds
-- formula: max(low, min(high, x)), NULL if x is; a bound that is NULL binds nothing
-- source:  geoflow: what rounding carries over a bound belongs on it
-- grain:   scalar
-- example: select bounded(1.0000000000000002, -1, 1)
create or replace macro bounded(x, low, high) as
    case when x is not null then greatest(low, least(high, x)) end;
