-- title:   What was not used or not measured of a network
-- source:  geoflow
-- grain:   one row per network and array that was not used or score that could not be measured
-- columns:
--   network_id  network
--   what        name of an array that was given, or of what could not be measured
--   reason      why it was left out
create table left_out (
    network_id integer not null,
    what varchar not null,
    reason varchar not null
);
