-- title:   Do these geometries say the same thing of a point? Correlation of every pair of point-level scores
-- formula: mean over networks of r +- t_0.975 sd / sqrt(n_networks), r = Pearson over the points of a network that have
--          both scores, of three points or more
-- source:  geoflow
-- grain:   one row per (study, data set, score, other score), both orders; variants are one study
-- columns:
--   study             study, without the name of the variant
--   dataset           name of the data set
--   score             a score of point_scores
--   other             another
--   n_networks        networks with an r: neither score is constant
--   correlation       mean of r, NULL if no network has one
--   correlation_low   lower end of its 95 % interval, NULL for fewer than two networks
--   correlation_high  upper end
create or replace view point_score_correlations as
with named as (
    select network_id, split_part(study, '/', 1) as study, dataset, point, score, value
    from point_scores
),
within as (
    select
        a.study,
        a.dataset,
        a.network_id,
        a.score,
        b.score as other,
        case
            when max(a.value) - min(a.value) > 1e-12 * max(abs(a.value)) -- by more than rounding
                and max(b.value) - min(b.value) > 1e-12 * max(abs(b.value))
                and not isnan(corr(a.value, b.value))
                then greatest(-1.0, least(1.0, corr(a.value, b.value)))
        end as correlation
    from named as a
    join named as b
        on b.network_id = a.network_id
        and b.point = a.point
        and b.score > a.score
    group by all
    having count(*) > 2
),
means as (
    select
        study,
        dataset,
        score,
        other,
        count(correlation) as n_networks,
        avg(correlation) as correlation,
        stddev_samp(correlation) / sqrt(count(correlation)) as error
    from within
    group by all
),
mirrored as (
    from means
    union all
    select study, dataset, other, score, n_networks, correlation, error from means
)
select
    b.study,
    b.dataset,
    b.score,
    b.other,
    b.n_networks,
    b.correlation,
    b.correlation - s.t * b.error as correlation_low,
    b.correlation + s.t * b.error as correlation_high
from mirrored as b
asof left join student_quantiles as s on b.n_networks >= s.n;
