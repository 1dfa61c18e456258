-- title:   Invocations that wrote to this store
-- source:  geoflow
-- grain:   one row per invocation
-- columns:
--   run_id           key
--   command          what was asked, as it was typed; from Python the call in words
--   geoflow_version  version of geoflow
--   git_hash         commit of the working tree geoflow ran from, NULL if it was installed
--   libraries        versions of Python and of the libraries that make numbers, as JSON
--   machine          host, system, processor and number of cores, as JSON
--   pid              process that wrote
--   seed             seed of the invocation, NULL where nothing is random
--   started          when it began (UTC)
--   finished         when it last wrote (UTC)
--   status           running, finished, failed or interrupted
--   request          all that was asked, defaults included, as JSON; NULL if written before this was kept
create table runs (
    run_id integer primary key,
    command varchar not null,
    geoflow_version varchar not null,
    git_hash varchar,
    libraries varchar not null,
    machine varchar not null,
    pid integer not null,
    seed bigint,
    started timestamp not null,
    finished timestamp not null,
    status varchar not null check (status in ('running', 'finished', 'failed', 'interrupted')),
    request varchar
);
