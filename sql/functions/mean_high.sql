-- title:   Upper end of the 95 % interval of a mean
-- formula: mean + t_0.975 s / sqrt(n); NULL for fewer than two numbers
-- source:  Student 1908
-- grain:   aggregate
-- example: select mean_low(degree_skewness), mean_high(degree_skewness) from graphs
create or replace macro mean_high(x) as avg(x) + student_quantile(count(x)) * mean_error(x);
