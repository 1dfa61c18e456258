-- title:   Covariance of whole numbers times the square of their number, exact
-- formula: n sum xy - sum x sum y over the pairs that have both
-- source:  geoflow
-- grain:   aggregate
-- example: select exact_covariance(total_geodesic, total_forman) from graphs
create or replace macro exact_covariance(y, x) as
    regr_count(y, x) * sum(x::hugeint * y)
    - sum(if(y is null, null, x)::hugeint) * sum(if(x is null, null, y)::hugeint);
