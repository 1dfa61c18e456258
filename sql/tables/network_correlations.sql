-- title:   Correlation of two scores across the layers, or the points, of one network
-- formula: Pearson r over the layers (points) that have both scores, three or more
-- source:  geoflow
-- grain:   one row per (network, across, pair of scores), each pair once; snapshots are left out
-- columns:
--   network_id        network
--   across            layers or points
--   score             a score of layer_scores or point_scores
--   k                 number of neighbours, NULL for scores of no graph
--   convention        how neighbours become edges, NULL for scores of no graph
--   curvature         kind of curvature, NULL for scores of none
--   alpha             idle mass, NULL for curvatures that have none
--   points            around which points it is measured, NULL if that is no choice
--   radius            radius of the frames, NULL for scores of none
--   other             another
--   other_k           of the other: number of neighbours, NULL for scores of no graph
--   other_convention  of the other: how neighbours become edges, NULL for scores of no graph
--   other_curvature   of the other: kind of curvature, NULL for scores of none
--   other_alpha       of the other: idle mass, NULL for curvatures that have none
--   other_points      of the other: around which points it is measured, NULL if that is no choice
--   other_radius      of the other: radius of the frames, NULL for scores of none
--   n                 layers or points that have both
--   correlation       r, NULL if a score is constant but for rounding
create table network_correlations (
    network_id integer not null,
    across varchar not null check (across in ('layers', 'points')),
    score varchar not null,
    k integer,
    convention varchar,
    curvature varchar,
    alpha double,
    points varchar,
    radius double,
    other varchar not null,
    other_k integer,
    other_convention varchar,
    other_curvature varchar,
    other_alpha double,
    other_points varchar,
    other_radius double,
    n bigint not null,
    correlation double
);
