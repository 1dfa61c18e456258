-- title:   Curvature gap between and within classes
-- formula: gap = (mean_within - mean_between) / sqrt((variance_within + variance_between) / 2),
--          population variances, each undirected edge once
-- source:  Hehl, von Renesse, Weber 2025; Gosztolai, Arnaudon 2021
-- grain:   one row per (network, k, convention, curvature, alpha, layer, points)
-- columns:
--   network_id, network, k, convention, layer, curvature, alpha
--   points         all; correct: the graph made anew of the correctly classified points ("filtered"); correct edges: before schema version 6, edges between these
--   n_within, n_between
--   mean_within    mean curvature within classes, NULL if there is no such edge
--   mean_between   mean curvature between classes, NULL if there is no such edge
--   curvature_gap  positive: edges between classes are more negative; NULL with a reason
--   reason         why it is NULL
create or replace view curvature_gaps as
with pooled as (
    select *, sqrt((variance_within + variance_between) / 2) as deviation
    from class_curvatures
)
select
    c.network_id,
    n.network,
    c.k,
    c.convention,
    c.layer,
    c.curvature,
    c.alpha,
    c.points,
    c.n_within,
    c.n_between,
    c.mean_within,
    c.mean_between,
    case when c.deviation > 1e-12 then (c.mean_within - c.mean_between) / c.deviation end
        as curvature_gap,
    case
        when c.n_within = 0 then 'no edge within a class'
        when c.n_between = 0 then 'no edge between classes'
        when not c.deviation > 1e-12 then 'curvature does not vary'
    end as reason
from pooled as c
join network_labels as n on n.network_id = c.network_id;
