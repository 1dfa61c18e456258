-- title:   Two-sided p of a standard normal number
-- formula: erfc(x), x = |z| / sqrt 2: below x = 1.5 as 1 - 2 x exp(-x^2) / sqrt(pi) sum_j (2 x^2)^j / (2j + 1)!!, from there
--          on as exp(-x^2) / sqrt(pi) / (x + (1/2) / (x + (2/2) / (x + (3/2) / (x + ...)))); both to the last digits
--          of a double
-- source:  Abramowitz, Stegun 1964, 7.1.6 and 7.1.14
-- grain:   scalar
-- example: select normal_p(1.959963984540054)
create or replace macro normal_p(z) as
    case
        when abs(z) < 1.5 * sqrt(2)
            then 1 - abs(z) * exp(-z * z / 2) * sqrt(2 / pi()) * list_reduce(
                range(60, 0, -1), lambda sum, j: 1 + z * z / (2 * j + 1) * sum, 1.0::double
            )
        else exp(-z * z / 2) / sqrt(pi()) / list_reduce(
            range(160, 0, -1),
            lambda rest, j: abs(z) / sqrt(2) + j / 2 / rest,
            abs(z) / sqrt(8) + sqrt(z * z / 8 + 80)
        )
    end;
