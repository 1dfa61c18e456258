-- title:   Do these geometries say the same thing? Correlation of every pair of network-level scores
-- formula: r = s_xy / sqrt(s_xx s_yy) over the networks that have both scores, s the sums of squares and products about
--          the means, of all data sets about the means of each; p = erfc(|atanh(r)| sqrt(n - D - 2) / sqrt(2)), D data
--          sets, two-sided by Fisher's z, erfc by the fit of Press et al., relative error below 1.2e-7
-- source:  geoflow; Fisher 1921, 1924 (n - 3 less one for each mean more); Press et al., Numerical Recipes, section 6.2
-- grain:   one row per (study, data set, score, other score), both orders, at least 4 networks; variants are one study
-- columns:
--   study        study, without the name of the variant
--   dataset      name of the data set; 'all' over all data sets of the study, if several have both scores
--   score        a score of network_scores
--   other        another
--   n            networks that have both
--   correlation  Pearson r, NULL if a score is constant (but for rounding) within every data set
--   p            two-sided p of no correlation, NULL if r is NULL, |r| = 1 or n is below D + 3
create or replace view score_correlations as
with named as (
    select network_id, split_part(study, '/', 1) as study, dataset, score, value
    from network_scores
),
within as (
    select
        a.study,
        a.dataset,
        a.score,
        b.score as other,
        count(*) as n,
        max(a.value) - min(a.value) > 1e-12 * max(abs(a.value)) as x_varies, -- by more than rounding
        max(b.value) - min(b.value) > 1e-12 * max(abs(b.value)) as y_varies,
        if(x_varies, regr_sxx(b.value, a.value), 0) as sxx,
        if(y_varies, regr_syy(b.value, a.value), 0) as syy,
        if(x_varies and y_varies, regr_sxy(b.value, a.value), 0) as sxy
    from named as a
    join named as b
        on b.study = a.study
        and b.dataset = a.dataset
        and b.network_id = a.network_id
        and b.score <> a.score
    group by all
),
summed as (
    select study, dataset, score, other, n, sxx, syy, sxy, 1 as n_datasets from within
    union all
    select study, 'all', score, other, sum(n)::bigint, sum(sxx), sum(syy), sum(sxy), count(*)
    from within
    group by all
    having count(*) > 1
),
guarded as (
    select
        *,
        case
            when sxx > 0 and syy > 0 and isfinite(sxy / sqrt(sxx) / sqrt(syy))
                then greatest(-1.0, least(1.0, sxy / sqrt(sxx) / sqrt(syy)))
        end as correlation
    from summed
    where n > 3
),
tested as (
    select
        *,
        case
            when abs(correlation) < 1 and n > n_datasets + 2
                then abs(atanh(correlation)) * sqrt((n - n_datasets - 2) / 2.0)
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
    case when x is not null then least(
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
    ) end as p
from fitted;
