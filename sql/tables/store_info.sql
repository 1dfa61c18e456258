-- title:   The store itself
-- source:  geoflow
-- grain:   one row
-- columns:
--   schema_version   version of the tables; a file of an earlier version is brought up by what writes to it
--   geoflow_version  version of geoflow that wrote the tables, views and macros last
--   sql_fingerprint  SHA-256 of the SQL files behind the views and macros in this file
create table store_info (
    schema_version integer not null,
    geoflow_version varchar not null,
    sql_fingerprint varchar not null
);
