-- title:   Whether a value is a number, neither NaN nor infinite; NULL is fine
-- source:  geoflow
-- grain:   scalar
-- example: select is_number(test_loss) from networks
create or replace macro is_number(x) as coalesce(isfinite(x), true);
