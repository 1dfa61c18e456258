-- title:   Quantiles of Student's t for intervals of 95 % of a mean
-- formula: P(T <= t) = 0.975 with n - 1 degrees of freedom
-- source:  Student 1908; for an n that is not listed take the next below: a wider interval
-- grain:   one row per n
-- columns:
--   n  numbers that the mean is of
--   t  quantile
create or replace view student_quantiles as
from (
    values (2, 12.70621), (3, 4.30266), (4, 3.18245), (5, 2.77645), (6, 2.57059), (7, 2.44692),
        (8, 2.36463), (9, 2.30601), (10, 2.26216), (12, 2.20099), (15, 2.14479), (20, 2.09303),
        (30, 2.04523), (60, 2.00100)
) as listed (n, t);
