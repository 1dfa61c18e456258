-- title:   Scores that users have added
-- source:  their authors
-- grain:   one row per score and what it is measured with
-- columns:
--   label       by which it is asked for: its name, and what it is measured with
--   level       network, layer, pair or point
--   formula     what it computes
--   source      where it is from
--   low         least value it may have, NULL for none
--   high        largest value it may have, NULL for none
--   score       its name in the views of scores
--   k           number of neighbours that it is measured with, NULL where that is no choice
--   convention  convention that it is measured with, or NULL
--   curvature   kind of curvature that it is measured with, or NULL
--   alpha       idle mass that it is measured with, or NULL
--   points      around which points it is measured, or NULL
--   radius      radius of the frames that it is measured with, or NULL
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
