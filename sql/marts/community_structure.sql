-- title:   Classes and communities of a layer graph
-- formula: curvature_gap = (mean_within - mean_between) / sqrt((variance_within + variance_between) / 2) of
--          augmented Forman curvature; modularity = sum over classes of [L_c / m - (d_c / 2m)^2];
--          normalized_cut = mean over classes of (d_c - 2 L_c) / d_c, for two classes S, T the same as
--          1/2 cut (1 / vol S + 1 / vol T), in [0, 1]
-- source:  Hehl, von Renesse, Weber 2025; Newman, Girvan 2004; Shi, Malik 2000
-- grain:   one row per (network, k, convention, layer); curvature_gaps has the other curvatures
-- columns:
--   network_id                     network
--   network, study, dataset, width, depth, k
--   convention                     union or mutual
--   layer
--   is_output
--   curvature_gap                  gap of augmented Forman curvature, all points
--   filtered_curvature_gap         the same of the graph made anew of the points that are classified correctly
--   modularity                     modularity of the classes, NULL without labels or edges
--   normalized_cut                 normalised cut of the classes, NULL without labels or if one has no edge
--   n_communities
--   leiden_modularity              their modularity, an upper mark for that of the classes
--   adjusted_rand, normalized_mutual_information
--   reason                         why curvature_gap is NULL
create or replace view community_structure as
with measured as ( -- the input of a data set may have a local geometry that other networks asked for
    select g.network_id, g.k, g.convention
    from network_graphs as g
    join community_agreement as l on l.graph_id = g.graph_id
    where g.layer = 1
),
classes as (
    select
        graph_id,
        sum(degree_sum) as volume,
        sum(n_edges_within) as n_within,
        sum(degree_sum::double * degree_sum) as squares,
        avg(case when degree_sum > 0 then (degree_sum - 2 * n_edges_within) / degree_sum end) as cut,
        min(degree_sum) as least
    from class_edges
    group by graph_id
),
gap as (
    select network_id, k, convention, layer, points, curvature_gap, reason
    from curvature_gaps
    where curvature = 'augmented_forman'
)
select
    g.network_id,
    n.network,
    n.study,
    n.dataset,
    n.width,
    n.depth,
    g.k,
    g.convention,
    g.layer,
    g.is_output,
    a.curvature_gap,
    f.curvature_gap as filtered_curvature_gap,
    case when c.volume > 0 then 2.0 * c.n_within / c.volume - c.squares / (c.volume::double * c.volume) end
        as modularity,
    case when c.least > 0 then c.cut end as normalized_cut,
    l.n_communities,
    l.leiden_modularity,
    l.adjusted_rand,
    l.normalized_mutual_information,
    case when c.graph_id is null then 'no labels' else a.reason end as reason
from network_graphs as g
join network_labels as n on n.network_id = g.network_id
join measured as m on m.network_id = g.network_id and m.k = g.k and m.convention = g.convention
join community_agreement as l on l.graph_id = g.graph_id
left join classes as c on c.graph_id = g.graph_id
left join gap as a
    on a.network_id = g.network_id and a.k = g.k and a.convention = g.convention
    and a.layer = g.layer and a.points = 'all'
left join gap as f
    on f.network_id = g.network_id and f.k = g.k and f.convention = g.convention
    and f.layer = g.layer and f.points = 'correct';
