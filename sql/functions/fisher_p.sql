-- title:   Two-sided p of no correlation
-- formula: P(|Z| >= |atanh(r)| sqrt(freedom)), Z standard normal; NULL where |r| = 1 or freedom < 1
-- source:  Fisher 1921, 1924: freedom = n - 3, less one for each mean more that the correlation is about
-- grain:   scalar
-- example: select fisher_p(0.5, 20 - 3)
create or replace macro fisher_p(r, freedom) as
    case when abs(r) < 1 and freedom > 0 then normal_p(atanh(r) * sqrt(freedom)) end;
