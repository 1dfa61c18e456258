-- title:   Standard error of a mean
-- formula: s / sqrt(n), s the sample standard deviation; NULL for fewer than two numbers
-- source:  geoflow
-- grain:   aggregate
-- example: select mean_error(degree_skewness) from graphs
create or replace macro mean_error(x) as stddev_samp(x) / sqrt(count(x));
