-- title:   What was asked is kept whole; what was computed of points at every reading is kept in tables
-- source:  geoflow
-- Rows that are there keep NULL in the new columns: what was asked of them is not known. The tables that
-- were views are filled from the views computed_... when these are made.
alter table networks add column request varchar;
alter table runs add column request varchar;
alter table failed_cells add column traceback varchar;
alter table transport_tracks add column median_line_shape double;
alter table layers rename column width to n_units;
drop view if exists point_coefficients;
drop view if exists layer_coefficients;
drop view if exists student_quantiles;
