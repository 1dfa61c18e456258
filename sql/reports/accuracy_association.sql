-- title:   Does the flow say anything about how well a network does?
-- formula: b1 and its t in outcome = b0 + b1 coefficient + data set + width + depth + error
-- source:  Baptista et al. 2024, Table S2 (t = -2.27, p = 0.023 for z_paper, test_accuracy, all)
-- grain:   one row per (study, convention, start, end, outcome, sample, coefficient); of a study with networks to regress and no
--          regression that is kept one for the sample of all
-- columns:
--   study, convention, start, end, outcome, sample, coefficient
--   estimate        change of the outcome per unit of the coefficient, all else equal; NULL with a reason
--   standard_error, t, p, n, r_squared
--   n_reported      networks that are reported now and have outcome and coefficient; NULL for samples but all
--   reason          why there is no estimate, or that the networks of the study are others now
create or replace view accuracy_association as
with known as (
    from regression_terms where term = coefficient
),
reported as (
    unpivot (
        unpivot (
            select o.study, o.convention, o.start, o.end, o.z_paper, o.z_fisher, o.ricci_coefficient, n.test_accuracy, n.test_loss
            from optimal_coefficients as o
            join networks as n on n.network_id = o.network_id
            where o.exclusion is null
        ) on test_accuracy, test_loss into name outcome value outcome_value
    ) on z_paper, z_fisher, ricci_coefficient into name coefficient value coefficient_value
),
counted as (
    select study, convention, start, "end", outcome, coefficient, 'all' as sample, count(*) as n_reported
    from reported
    group by all
)
select
    study,
    convention,
    start,
    "end",
    outcome,
    sample,
    coefficient,
    k.estimate,
    k.standard_error,
    k.t,
    k.p,
    k.n,
    k.r_squared,
    if(sample = 'all', coalesce(c.n_reported, 0), null) as n_reported,
    case
        when k.n is null then 'no regression is kept: too few networks, or alike, or run the study to its end'
        when k.n <> if(sample = 'all', coalesce(c.n_reported, 0), k.n) then 'the networks are others now: run the study again'
    end as reason
from known as k
full join counted as c using (study, convention, start, "end", outcome, sample, coefficient);
