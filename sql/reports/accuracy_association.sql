-- title:   Does the flow say anything about how well a network does?
-- formula: b1 and its t in outcome = b0 + b1 coefficient + data set + width + depth + error
-- source:  Baptista et al. 2024, Table S2 (t = -2.27, p = 0.023 for z_paper, test_accuracy, all)
-- grain:   one row per (study, convention, start, end, outcome, sample, coefficient)
-- columns:
--   study, convention, start, end, outcome, sample, coefficient
--   estimate        change of the outcome per unit of the coefficient, all else equal
--   standard_error, t, p, n, r_squared
create or replace view accuracy_association as
select
    study, convention, start, "end", outcome, sample, coefficient, estimate, standard_error, t, p, n, r_squared
from regression_terms
where term = coefficient;
