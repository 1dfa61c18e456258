-- title:   Name of a study without that of its variant
-- source:  geoflow: a variant of a study is named STUDY/VARIANT
-- grain:   scalar
-- example: select base_study('controls/untrained')
create or replace macro base_study(study) as split_part(study, '/', 1);
