-- title:   Pearson correlation of whole numbers, the same for every order of the rows
-- formula: exact_covariance(y, x) / sqrt(exact_covariance(x, x)) / sqrt(exact_covariance(y, y)) in [-1, 1] over the
--          pairs that have both; NULL where y or x is constant over them
-- source:  geoflow: the last bits of a sum of rounded numbers depend on the order of the rows
-- grain:   aggregate
-- example: select exact_corr(total_geodesic, total_forman) from graphs
create or replace macro exact_corr(y, x) as
    bounded(
        exact_covariance(y, x)
        / nullif(sqrt(exact_covariance(if(y is null, null, x), x)), 0)
        / nullif(sqrt(exact_covariance(if(x is null, null, y), y)), 0),
        -1.0,
        1.0
    );
