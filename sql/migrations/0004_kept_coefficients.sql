-- title:   What was computed of points at every reading is kept in tables
-- source:  geoflow
-- The tables are filled from the views computed_... when these are made.
drop view if exists point_coefficients;
drop view if exists layer_coefficients;
