-- title:   Regressions of how well networks do on their Ricci coefficient, across a study
-- formula: outcome = b0 + b1 coefficient + data set + width + depth + error, ordinary least squares
--          over the networks of a sample; t = b / standard error
-- source:  Baptista et al. 2024, Table S2 (test_accuracy, z_paper, all); the other samples and the loss are geoflow's
-- grain:   one row per (study, convention, start, end, outcome, sample, coefficient, term)
-- columns:
--   study           study
--   convention      how neighbours become edges
--   start           hidden or input: the layer that the series of steps starts from
--   end             hidden or output: the layer that it ends with
--   outcome         test_accuracy or test_loss
--   sample          all; without outliers: those with an externally studentized residual within 3 there; k of the other half: all, at the k that the other half of the replicas chose; or a data set
--   coefficient     z_paper (the adjusted coefficient of the paper), z_fisher or ricci_coefficient
--   term            intercept, the coefficient, or a level such as width wide, against the first level; terms that go with others, as where all wide networks are deep, are left out
--   estimate        b, in units of the outcome per unit of the term
--   standard_error  standard error of b
--   t               t statistic
--   p               two-sided p of t with n less the rank of the model degrees of freedom
--   n               networks
--   r_squared       share of the variance of the outcome that the model explains
create table regression_terms (
    study varchar not null,
    convention varchar not null,
    start varchar not null,
    "end" varchar not null check ("end" in ('hidden', 'output')),
    outcome varchar not null check (outcome in ('test_accuracy', 'test_loss')),
    sample varchar not null,
    coefficient varchar not null,
    term varchar not null,
    estimate double not null,
    standard_error double not null,
    t double not null,
    p double not null,
    n integer not null,
    r_squared double not null,
    primary key (study, convention, start, "end", outcome, sample, coefficient, term)
);
