-- title:   Name of the variant of a study, NULL if it is none
-- source:  geoflow: a variant of a study is named STUDY/VARIANT
-- grain:   scalar
-- example: select variant_of('controls/untrained')
create or replace macro variant_of(study) as nullif(substr(study, length(base_study(study)) + 2), '');
