-- title:   Do these geometries say the same thing? Correlation of every pair of network-level scores
-- formula: r = s_xy / sqrt(s_xx s_yy) over the networks that have both scores, s the sums of squares and products about
--          the means of each group, added up: r is partial, what the groups differ by is taken out;
--          p = fisher_p(r, n - n_groups - 2), the interval likewise
-- source:  geoflow; Fisher 1921, 1924 (n - 3 less one for each mean more)
-- grain:   one row per (study, networks it is among, groups whose means it is about, sample, pair of scores), both orders, at
--          least 4 networks; a row that would repeat another is left out
-- columns:
--   study             study, without the name of the variant
--   among             which networks: those of one kind (data set, family, width, depth, decay, recipe), data set, or study
--   about             kind: about the means of each kind, so that replicas alone make it; family: of each data set, family, decay and recipe, so that widths, depths and replicas do; data set: of each data set, as it is in one, nothing else taken out
--   sample            all; without collapsed: networks of `collapsed_networks` left out, where there are some
--   dataset_id        data set, NULL among those of a study
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
--   correlation_low   lower end of the 95 % interval of r, NULL where p is
--   correlation_high  upper end
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
places as (
    select
        n.network_id,
        s.sample,
        n.base_study as study,
        n.dataset_id,
        n.dataset,
        {'family': n.family, 'weight_decay': n.weight_decay, 'recipe': n.recipe} as family,
        {'width': n.width, 'depth': n.depth} as shape
    from network_labels as n
    left join collapsed_networks as c on c.network_id = n.network_id
    join (values ('all'), ('without collapsed')) as s (sample)
        on s.sample = 'all'
        or c.network_id is null
        and n.base_study in (select base_study from network_labels join collapsed_networks using (network_id))
),
summed as (
    select
        p.study,
        p.sample,
        p.dataset_id,
        p.dataset,
        p.family,
        p.shape,
        case when grouping(p.shape) = 0 then 'kind' when grouping(p.family) = 0 then 'family' else 'data set' end as about,
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
    join places as p on p.network_id = a.network_id
    group by grouping sets (
        (p.study, p.sample, p.dataset_id, p.dataset, p.family, p.shape, a.label, b.label),
        (p.study, p.sample, p.dataset_id, p.dataset, p.family, a.label, b.label),
        (p.study, p.sample, p.dataset_id, p.dataset, a.label, b.label)
    )
),
counted as (
    select
        *,
        count(*) filter (where about = 'kind') over pair as n_kinds,
        count(*) filter (where about = 'family') over pair as n_families
    from summed
    window pair as (partition by study, sample, dataset_id, label, other_label)
),
pooled as (
    select
        'kind' as among, about, study, sample, dataset_id, dataset, family, shape, label, other_label,
        n, 1 as n_groups, sxx, syy, sxy
    from counted
    where about = 'kind'
    union all
    select
        'data set', about, study, sample, dataset_id, dataset, null, null, label, other_label,
        sum(n)::bigint, count(*), sum(sxx), sum(syy), sum(sxy)
    from counted
    group by about, study, sample, dataset_id, dataset, label, other_label
    having max(n_kinds) > 1 and (about <> 'family' or max(n_families) > 1 and max(n_families) < max(n_kinds))
    union all
    select
        'study', about, study, sample, null, null, null, null, label, other_label,
        sum(n)::bigint, count(*), sum(sxx), sum(syy), sum(sxy)
    from counted
    group by about, study, sample, label, other_label
    having count(distinct dataset_id) > 1
        and (about <> 'data set' or max(n_kinds) > 1)
        and (about <> 'family' or max(n_families) > 1 and bool_or(n_families < n_kinds))
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
    qualify sample = 'all'
        or n < max(n) over (partition by study, among, about, dataset_id, family, shape, label, other_label)
)
select
    c.study,
    c.among,
    c.about,
    c.sample,
    c.dataset_id,
    c.dataset,
    c.family.family as family,
    c.shape.width as width,
    c.shape.depth as depth,
    c.family.weight_decay as weight_decay,
    c.family.recipe as recipe,
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
    fisher_low(c.correlation, c.n - c.n_groups - 2) as correlation_low,
    fisher_high(c.correlation, c.n - c.n_groups - 2) as correlation_high,
    fisher_p(c.correlation, c.n - c.n_groups - 2) as p
from correlated as c
join names as a on a.label = c.label
join names as b on b.label = c.other_label;
