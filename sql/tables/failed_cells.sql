-- title:   Cells of a study that could not be trained, measured or written
-- source:  geoflow
-- grain:   one row per (study, data set, width, depth) whose last attempt failed; gone once it succeeds
-- columns:
--   study       study
--   dataset     name of the data set
--   width       name of the widths
--   depth       hidden layers L
--   n_networks  networks that are missing for it
--   reason      what went wrong, and what to do
--   run_id      run that tried
--   traceback   where in the code it went wrong, NULL where nothing was raised
create table failed_cells (
    study varchar not null,
    dataset varchar not null,
    width varchar not null,
    depth integer not null,
    n_networks integer not null,
    reason varchar not null,
    run_id integer not null,
    traceback varchar,
    primary key (study, dataset, width, depth)
);
