-- title:   Do these geometries say the same thing of layers, of points? Correlation of every pair of their scores
-- formula: mean over networks of r +- t_0.975 sd / sqrt(n_networks), r = Pearson over the layers (points) of a network
--          that have both scores, three or more
-- source:  geoflow; score_correlations has those over networks
-- grain:   one row per (study, data set, across, score, other score), both orders; variants are one study
-- columns:
--   study             study, without the name of the variant
--   dataset
--   across            layers or points
--   score             a score of layer_scores or point_scores
--   other             another
--   n_networks        networks with an r: neither score is constant
--   correlation       mean of r, NULL if no network has one
--   correlation_low   lower end of its 95 % interval, NULL for fewer than two networks
--   correlation_high  upper end
create or replace view within_network_correlations as
with placed as (
    select 'layers' as across, network_id, study, dataset, layer as place, score, value from layer_scores
    union all
    select 'points', network_id, study, dataset, point, score, value from point_scores
),
within as (
    select
        split_part(a.study, '/', 1) as study,
        a.dataset,
        a.across,
        a.network_id,
        a.score,
        b.score as other,
        safe_corr(a.value, b.value) as correlation
    from placed as a
    join placed as b
        on b.across = a.across
        and b.network_id = a.network_id
        and b.place = a.place
        and b.score > a.score
    group by all
    having count(*) > 2
),
means as (
    select
        study,
        dataset,
        across,
        score,
        other,
        count(correlation) as n_networks,
        avg(correlation) as correlation,
        mean_low(correlation) as correlation_low,
        mean_high(correlation) as correlation_high
    from within
    group by all
),
mirrored as (
    from means
    union all
    select study, dataset, across, other, score, n_networks, correlation, correlation_low, correlation_high from means
)
select
    m.study,
    m.dataset,
    m.across,
    m.score,
    m.other,
    m.n_networks,
    m.correlation,
    m.correlation_low,
    m.correlation_high
from mirrored as m;
