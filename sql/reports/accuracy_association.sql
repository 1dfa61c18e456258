-- title:   Does the flow say anything about accuracy?
-- formula: b1 and its t in accuracy = b0 + b1 coefficient + data set + width + depth + error
-- source:  Baptista et al. 2024, Table S2 (t = -2.27, p = 0.023 for z_paper)
-- grain:   one row per (study, convention, start, coefficient)
-- columns:
--   study           study
--   convention      how neighbours become edges
--   start           hidden or input
--   coefficient     z_paper, z_fisher or ricci_coefficient
--   estimate        change of test accuracy per unit of the coefficient, all else equal
--   standard_error  its standard error
--   t               t statistic
--   p               two-sided p
--   n               networks
--   r_squared       share of the variance of accuracy that the whole model explains
create or replace view accuracy_association as
select
    study, convention, start, coefficient, estimate, standard_error, t, p, n, r_squared
from regression_terms
where term = coefficient;
