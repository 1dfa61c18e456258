-- title:   Where RMSprop adds its epsilon is a column: networks written before this added it outside its root
-- source:  geoflow
alter table networks add column epsilon_inside boolean;
update networks set epsilon_inside = false where optimizer in ('rmsprop', 'adam');
