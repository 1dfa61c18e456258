-- title:   Regressions of test accuracy across the networks of a study
-- formula: accuracy = b0 + b1 coefficient + data set + width + depth + error, ordinary least
--          squares over the networks with a coefficient at their optimal k; t = b / standard error
-- source:  Baptista et al. 2024, Table S2
-- grain:   one row per (study, convention, start, coefficient, term)
-- columns:
--   study           study
--   convention      how neighbours become edges
--   start           hidden or input
--   coefficient     z_paper (the adjusted coefficient of the paper), z_fisher or ricci_coefficient
--   term            intercept, the coefficient, or a level such as width wide, against the first level
--   estimate        b, in units of accuracy per unit of the term
--   standard_error  standard error of b
--   t               t statistic
--   p               two-sided p of t with n - number of terms degrees of freedom
--   n               networks
--   r_squared       share of the variance of accuracy that the model explains
create table regression_terms (
    study varchar not null,
    convention varchar not null,
    start varchar not null,
    coefficient varchar not null,
    term varchar not null,
    estimate double not null,
    standard_error double not null,
    t double not null,
    p double not null,
    n integer not null,
    r_squared double not null,
    primary key (study, convention, start, coefficient, term)
);
