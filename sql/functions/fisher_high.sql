-- title:   Upper end of the 95 % interval of a correlation
-- formula: tanh(atanh(r) + 1.96 / sqrt(freedom)); NULL where |r| = 1 or freedom < 1
-- source:  Fisher 1921, 1924: freedom = n - 3, less one for each mean more that the correlation is about
-- grain:   scalar
-- example: select fisher_low(0.5, 20 - 3), fisher_high(0.5, 20 - 3)
create or replace macro fisher_high(r, freedom) as -fisher_low(-r, freedom);
