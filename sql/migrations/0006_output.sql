-- title:   The output is a layer, and where a series of layers ends is a column; how weights began and when training ended
-- source:  geoflow
-- Networks written before this have no output layer; their series end with the last hidden layer. Tables
-- that are computed of points are filled anew. The moments of edges between correctly classified points
-- of the graph of all points keep their numbers under a name of their own: 'correct' is another graph now.
alter table layers add column is_output boolean;
update layers set is_output = false;
alter table layers alter column is_output set not null;
drop table if exists point_coefficients;
drop table if exists layer_coefficients;
alter table networks add column initialisation varchar;
update networks set initialisation = 'glorot' where optimizer is not null;
alter table networks add column until_accuracy double;
alter table networks add column stopped_at integer;
alter table class_curvatures rename to earlier_moments;
create table class_curvatures (
    network_id integer not null,
    layer integer not null,
    k integer not null,
    convention varchar not null check (convention in ('union', 'mutual')),
    curvature varchar not null,
    alpha double,
    points varchar not null check (points in ('all', 'correct', 'correct edges')),
    n_within bigint not null,
    mean_within double,
    variance_within double,
    n_between bigint not null,
    mean_between double,
    variance_between double
);
insert into class_curvatures by name
select * replace (if(points = 'correct', 'correct edges', points) as points) from earlier_moments;
drop table earlier_moments;
alter table regression_terms rename to terms_of_hidden;
create table regression_terms (
    study varchar not null,
    convention varchar not null,
    start varchar not null,
    "end" varchar not null check ("end" in ('hidden', 'output')),
    outcome varchar not null check (outcome in ('test_accuracy', 'test_loss')),
    sample varchar not null,
    coefficient varchar not null,
    term varchar not null,
    estimate double not null,
    standard_error double not null,
    t double not null,
    p double not null,
    n integer not null,
    r_squared double not null,
    primary key (study, convention, start, "end", outcome, sample, coefficient, term)
);
insert into regression_terms by name select *, 'hidden' as "end" from terms_of_hidden;
drop table terms_of_hidden;
update networks set request = regexp_replace(request, '"scores":', '"output":false,"scores":')
where request is not null;
