-- title:   What was asked is kept whole, and where in the code a cell failed
-- source:  geoflow
-- Rows that are there keep NULL in the new columns: what was asked of them is not known.
alter table networks add column request varchar;
alter table runs add column request varchar;
alter table failed_cells add column traceback varchar;
alter table transport_tracks add column median_line_shape double;
alter table layers rename column width to n_units;
