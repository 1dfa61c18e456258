-- title:   Does the flow say anything about accuracy?
-- formula: b1 and its t in accuracy = b0 + b1 coefficient + data set + width + depth + error
-- source:  Baptista et al. 2024, Table S2 (t = -2.27, p = 0.023 for z_paper)
-- grain:   one row per (study, convention, start, coefficient)
-- columns:
--   study, convention, start, coefficient
--   estimate        change of test accuracy per unit of the coefficient, all else equal
--   standard_error, t, p, n, r_squared
create or replace view accuracy_association as
select
    study, convention, start, coefficient, estimate, standard_error, t, p, n, r_squared
from regression_terms
where term = coefficient;
