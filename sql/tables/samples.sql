-- title:   Test points
-- source:  geoflow
-- grain:   one row per test point of a data set
-- columns:
--   dataset_id  data set
--   point       index of the point, from 0; the same in every layer
--   label       class of the point, NULL if there are no labels
create table samples (
    dataset_id integer not null,
    point integer not null,
    label integer
);
