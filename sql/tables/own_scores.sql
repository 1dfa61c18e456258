-- title:   Scores that users have added
-- source:  their authors
-- grain:   one row per score and what it is measured with
-- columns:
--   label    by which it is asked for: its name, and what it is measured with
--   level    network, layer, pair or point
--   formula  what it computes
--   source   where it is from
--   low      least value it may have, NULL for none
--   high     largest value it may have, NULL for none
--   score    its name in the views of scores
--   k        what it is measured with, as all that follow, NULL where that is no choice
--   convention, curvature, alpha, points, radius
create table own_scores (
    label varchar primary key,
    level varchar not null check (level in ('network', 'layer', 'pair', 'point')),
    formula varchar not null,
    source varchar not null,
    low double,
    high double,
    score varchar not null,
    k integer,
    convention varchar,
    curvature varchar,
    alpha double,
    points varchar,
    radius double
);
