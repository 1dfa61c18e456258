-- title:   Do these geometries say the same thing? Correlation of every pair of network-level scores
-- formula: r = Pearson over the networks that have both scores; p = erfc(|atanh(r)| sqrt(n - 3) / sqrt(2)),
--          two-sided by Fisher's z, erfc by the fit of Press et al., relative error below 1.2e-7
-- source:  geoflow; Fisher 1921; Press et al., Numerical Recipes, section 6.2
-- grain:   one row per (study, data set, score, other score), both orders, at least 4 networks; variants of a study are one study
-- columns:
--   study        study, without the name of the variant
--   dataset      name of the data set; 'all' over all data sets of the study, each centred on its own means
--   score        a score of network_scores
--   other        another
--   n            networks that have both
--   correlation  Pearson r, NULL if a score is constant
--   p            two-sided p of no correlation, NULL if r is NULL or |r| = 1
create or replace view score_correlations as
with named as (
    select network_id, split_part(study, '/', 1) as study, dataset, score, value
    from network_scores
),
centred as (
    select
        network_id,
        study,
        'all' as dataset,
        score,
        value - avg(value) over (partition by study, dataset, score) as value
    from named
),
scores as (
    from named
    union all
    from centred
    where study in (select study from named group by study having count(distinct dataset) > 1)
),
pairs as (
    select
        a.study,
        a.dataset,
        a.score,
        b.score as other,
        count(*) as n,
        corr(a.value, b.value) as r,
        min(a.value) = max(a.value) or min(b.value) = max(b.value) as is_constant
    from scores as a
    join scores as b
        on b.study = a.study
        and b.dataset = a.dataset
        and b.network_id = a.network_id
        and b.score <> a.score
    group by all
    having count(*) > 3
),
guarded as (
    select
        *,
        case when not is_constant and not isnan(r) then greatest(-1.0, least(1.0, r)) end
            as correlation
    from pairs
),
tested as (
    select
        *,
        case
            when abs(correlation) < 1 then abs(atanh(correlation)) * sqrt((n - 3) / 2.0)
        end as x
    from guarded
),
fitted as (
    select *, 1 / (1 + 0.5 * x) as t from tested
)
select
    study,
    dataset,
    score,
    other,
    n,
    correlation,
    least(
        1.0,
        t * exp(
            -x * x - 1.26551223 + t * (
                1.00002368 + t * (
                    0.37409196 + t * (
                        0.09678418 + t * (
                            -0.18628806 + t * (
                                0.27886807 + t * (
                                    -1.13520398 + t * (
                                        1.48851587 + t * (-0.82215223 + t * 0.17087277)
                                    )
                                )
                            )
                        )
                    )
                )
            )
        )
    ) as p
from fitted;
