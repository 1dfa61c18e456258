-- title:   Data sets
-- source:  geoflow
-- grain:   one row per data set with one choice of its options
-- columns:
--   dataset_id   key
--   name         name of the data set
--   source       where the points come from; 'ingest' for arrays given by a user
--   seed         seed of the generator or of the split, NULL for ingested arrays
--   scale        'unit' or 'raw', NULL where the data set has no scale
--   options      further options as JSON, for instance shape or noise
--   n_train      training points, NULL for ingested arrays
--   n_test       test points: the points of every graph
--   n_features   coordinates of a point
--   n_classes    classes among the labels, NULL if there are no labels
--   classes      names of the classes in the order of their labels
--   fingerprint  SHA-256 of test points and labels
create table datasets (
    dataset_id integer primary key,
    name varchar not null,
    source varchar not null,
    seed bigint,
    scale varchar check (scale in ('unit', 'raw')),
    options varchar not null,
    n_train integer,
    n_test integer not null,
    n_features integer not null,
    n_classes integer,
    classes varchar[],
    fingerprint varchar not null,
    unique (name, fingerprint)
);
