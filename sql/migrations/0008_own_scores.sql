-- title:   What a user's score is measured with are columns, as of built-in ones
-- source:  geoflow
-- Scores written before this keep their names, but for those of `betti_score`, whose names held numbers:
-- they are asked for by their labels of today.
create table if not exists own_scores (
    name varchar primary key,
    level varchar not null check (level in ('network', 'layer', 'pair', 'point')),
    formula varchar not null,
    source varchar not null,
    low double,
    high double
);
create table if not exists layer_score_values (
    network_id integer not null,
    layer integer not null,
    score varchar not null,
    value double,
    reason varchar
);
alter table own_scores rename to earlier_scores;
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
insert into own_scores by name
select
    label,
    if(is_betti, regexp_replace(formula, ' of \d+ points at scale.*', ' of some points at scale 2 r + 1 in'
        || ' hops of the graph, each point farthest from those before, the first drawn with the seed, r'
        || ' the most hops of a point of the graph to them'), formula) as formula,
    if(is_betti, 'betti_1', name) as score,
    if(is_betti, regexp_extract(name, 'k=(\d+)', 1), null)::integer as k,
    if(is_betti, 'union', null) as convention,
    if(is_betti, regexp_extract(name, 'points=(\d+)', 1) || ' farthest, seed '
        || regexp_extract(name, 'seed=(\d+)', 1), null) as points,
    level, source, low, high
from (
    select
        *,
        regexp_replace(
            name, 'betti_1 k=(\d+) points=(\d+) seed=(\d+)', 'betti_1 union k=\1 \2 farthest, seed \3'
        ) as label,
        label <> name as is_betti
    from earlier_scores
);
drop table earlier_scores;
update layer_score_values set score = regexp_replace(
    score, 'betti_1 k=(\d+) points=(\d+) seed=(\d+)', 'betti_1 union k=\1 \2 farthest, seed \3'
) where score like 'betti_1 k=%';
update networks set request = regexp_replace(
    request, 'betti_1 k=(\d+) points=(\d+) seed=(\d+)', 'betti_1 union k=\1 \2 farthest, seed \3', 'g'
) where request like '%betti_1 k=%';
