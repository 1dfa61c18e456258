-- title:   Where RMSprop adds its epsilon is a column; regressions say of which networks, and of what
-- source:  geoflow
-- Networks written before this added epsilon outside the root; regressions were of accuracy, over all.
alter table networks add column epsilon_inside boolean;
update networks set epsilon_inside = false where optimizer in ('rmsprop', 'adam');
alter table regression_terms rename to earlier_terms;
create table regression_terms (
    study varchar not null,
    convention varchar not null,
    start varchar not null,
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
    primary key (study, convention, start, outcome, sample, coefficient, term)
);
insert into regression_terms by name select *, 'test_accuracy' as outcome, 'all' as sample from earlier_terms;
drop table earlier_terms;
