-- title:   Scores that users have added
-- source:  their authors
-- grain:   one row per score
-- columns:
--   name     name of the score
--   level    network, layer, pair or point
--   formula  what it computes
--   source   where it is from
--   low      least value it may have, NULL for none
--   high     largest value it may have, NULL for none
create table own_scores (
    name varchar primary key,
    level varchar not null check (level in ('network', 'layer', 'pair', 'point')),
    formula varchar not null,
    source varchar not null,
    low double,
    high double
);
