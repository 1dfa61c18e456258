-- title:   Do these geometries say the same thing? Correlation of every pair of network-level scores
-- formula: r = s_xy / sqrt(s_xx s_yy) over the networks that have both scores, s the sums of squares and products about
--          the means of each group, added up; p = fisher_p(r, n - n_groups - 2)
-- source:  geoflow; Fisher 1921, 1924 (n - 3 less one for each mean more)
-- grain:   one row per (study, networks it is among, groups whose means it is about, pair of scores), both orders, at least
--          4 networks; what pools nothing more than a row with fewer networks is left out
-- columns:
--   study             study, without the name of the variant
--   among             which networks: those of one kind (data set, family, width, depth, decay, recipe), data set, or study
--   about             kind: about the means of each kind, so that replicas alone make it; data set: about those of each data set
--   dataset           name of the data set, NULL among those of a study
--   family            family of the kind, NULL for several kinds, as the four that follow
--   width             name of the widths
--   depth, weight_decay
--   recipe            how it was trained, weight decay aside
--   score             a score of network_scores
--   k, convention, curvature, alpha, points, radius
--   label             score and its keys, as people read them
--   other             another
--   other_k           of the other: number of neighbours, NULL for scores of no graph
--   other_convention  of the other: how neighbours become edges, NULL for scores of no graph
--   other_curvature   of the other: kind of curvature, NULL for scores of none
--   other_alpha       of the other: idle mass, NULL for curvatures that have none
--   other_points      of the other: around which points it is measured, NULL if that is no choice
--   other_radius      of the other: radius of the frames, NULL for scores of none
--   other_label       the other and its keys
--   n                 networks that have both
--   n_groups          groups whose means it is about
--   correlation       Pearson r, NULL if a score is constant (but for rounding) within every group
--   p                 two-sided p of no correlation, NULL if r is NULL, |r| = 1 or n is below n_groups + 3
create or replace view score_correlations as
with labelled as (
    select
        network_id,
        score_label(score, curvature, alpha, convention, k, points, radius) as label,
        score,
        k,
        convention,
        curvature,
        alpha,
        points,
        radius,
        value
    from network_scores
),
names as (
    select distinct label, score, k, convention, curvature, alpha, points, radius from labelled
),
kinds as (
    select
        network_id,
        base_study as study,
        dataset_id,
        dataset,
        {'family': family, 'width': width, 'depth': depth, 'weight_decay': weight_decay, 'recipe': recipe} as kind
    from network_labels
),
summed as (
    select
        k.study,
        k.dataset_id,
        k.dataset,
        k.kind,
        grouping(k.kind) = 1 as is_of_dataset,
        a.label,
        b.label as other_label,
        count(*) as n,
        varies(a.value) as x_varies,
        varies(b.value) as y_varies,
        if(x_varies, regr_sxx(b.value, a.value), 0) as sxx,
        if(y_varies, regr_syy(b.value, a.value), 0) as syy,
        if(x_varies and y_varies, regr_sxy(b.value, a.value), 0) as sxy
    from labelled as a
    join labelled as b on b.network_id = a.network_id and b.label > a.label
    join kinds as k on k.network_id = a.network_id
    group by grouping sets (
        (k.study, k.dataset_id, k.dataset, k.kind, a.label, b.label),
        (k.study, k.dataset_id, k.dataset, a.label, b.label)
    )
),
counted as (
    select
        * replace (case when not is_of_dataset then kind end as kind),
        count(*) over (partition by study, dataset_id, label, other_label) - 1 as n_kinds
    from summed
),
pooled as (
    select 'kind' as among, 'kind' as about, study, dataset, kind, label, other_label, n, 1 as n_groups, sxx, syy, sxy
    from counted
    where not is_of_dataset
    union all
    select 'data set', 'data set', study, dataset, null, label, other_label, n, 1, sxx, syy, sxy
    from counted
    where is_of_dataset and n_kinds > 1
    union all
    select
        'data set', 'kind', study, dataset, null, label, other_label,
        sum(n)::bigint, count(*), sum(sxx), sum(syy), sum(sxy)
    from counted
    where not is_of_dataset
    group by study, dataset_id, dataset, label, other_label
    having count(*) > 1
    union all
    select
        'study', if(is_of_dataset, 'data set', 'kind'), study, null, null, label, other_label,
        sum(n)::bigint, count(*), sum(sxx), sum(syy), sum(sxy)
    from counted
    group by study, is_of_dataset, label, other_label
    having count(distinct dataset_id) > 1 and (not is_of_dataset or max(n_kinds) > 1)
),
mirrored as (
    from pooled
    union all
    select * replace (other_label as label, label as other_label, syy as sxx, sxx as syy) from pooled
),
correlated as (
    select
        *,
        case
            when sxx > 0 and syy > 0 and isfinite(sxx) and isfinite(syy) and isfinite(sxy)
                then bounded(sxy / sqrt(sxx) / sqrt(syy), -1.0, 1.0)
        end as correlation
    from mirrored
    where n > 3
)
select
    c.study,
    c.among,
    c.about,
    c.dataset,
    c.kind.family as family,
    c.kind.width as width,
    c.kind.depth as depth,
    c.kind.weight_decay as weight_decay,
    c.kind.recipe as recipe,
    a.score,
    a.k,
    a.convention,
    a.curvature,
    a.alpha,
    a.points,
    a.radius,
    c.label,
    b.score as other,
    b.k as other_k,
    b.convention as other_convention,
    b.curvature as other_curvature,
    b.alpha as other_alpha,
    b.points as other_points,
    b.radius as other_radius,
    c.other_label,
    c.n,
    c.n_groups,
    c.correlation,
    fisher_p(c.correlation, c.n - c.n_groups - 2) as p
from correlated as c
join names as a on a.label = c.label
join names as b on b.label = c.other_label;
