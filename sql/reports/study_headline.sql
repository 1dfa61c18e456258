-- title:   The headline of a study: networks trained, left out, reported, and with negative flow
-- formula: share_negative = n_negative / n_reported, at the optimal k of each kind of network;
--          split_half_share_negative: the same, k chosen on the other half of the networks
-- source:  Baptista et al. 2024, section 4
-- grain:   one row per (study, convention, start, end)
-- columns:
--   study, convention, start, end
--   n_networks                 networks that were measured
--   n_below_threshold          of these, at or below the accuracy threshold
--   n_accurate                 the others
--   n_without_k                of these, with coefficients but of a kind that has no optimal k
--   n_not_measured             of these, not measured at the optimal k
--   n_disconnected             of these, with a layer graph that is not connected at the optimal k
--   n_undefined                of these, with a constant series at the optimal k
--   n_reported                 the others
--   n_negative                 of these, with a negative Ricci coefficient
--   share_negative             n_negative / n_reported
--   mean_ricci_coefficient     mean over the reported networks
--   split_half_share_negative  share with a negative coefficient, k chosen on the other half, where a half can choose
create or replace view study_headline as
with counted as (
    select
        study, convention, start, "end",
        count(*) as n_networks,
        count(*) filter (where exclusion = 'below threshold') as n_below_threshold,
        count(*) filter (where exclusion = 'no optimal k') as n_without_k,
        count(*) filter (where exclusion = 'not measured') as n_not_measured,
        count(*) filter (where exclusion = 'disconnected') as n_disconnected,
        count(*) filter (where exclusion = 'undefined') as n_undefined,
        count_if(exclusion is null) as n_reported,
        count(*) filter (where is_negative(ricci_coefficient)) as n_negative,
        avg(ricci_coefficient) as mean_ricci_coefficient
    from optimal_coefficients
    group by study, convention, start, "end"
),
split as (
    select
        study, convention, start, "end",
        sum(n_negative) / nullif(sum(n_reported), 0) as share_negative
    from split_half_coefficients
    group by study, convention, start, "end"
)
select
    c.study,
    c.convention,
    c.start,
    c.end,
    c.n_networks,
    c.n_below_threshold,
    c.n_networks - c.n_below_threshold as n_accurate,
    c.n_without_k,
    c.n_not_measured,
    c.n_disconnected,
    c.n_undefined,
    c.n_reported,
    c.n_negative,
    c.n_negative / nullif(c.n_reported, 0) as share_negative,
    c.mean_ricci_coefficient,
    s.share_negative as split_half_share_negative
from counted as c
left join split as s on s.study = c.study and s.convention = c.convention and s.start = c.start and s.end = c.end;
