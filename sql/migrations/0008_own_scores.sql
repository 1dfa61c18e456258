-- title:   What a user's score is measured with are columns, as of built-in ones
-- source:  geoflow
-- Scores written before this keep their names, and numbers that stand in them.
create table if not exists own_scores (
    name varchar primary key,
    level varchar not null check (level in ('network', 'layer', 'pair', 'point')),
    formula varchar not null,
    source varchar not null,
    low double,
    high double
);
alter table own_scores rename to earlier_scores;
create table own_scores (
    name varchar primary key,
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
insert into own_scores by name select *, name as score from earlier_scores;
drop table earlier_scores;
