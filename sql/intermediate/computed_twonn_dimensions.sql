-- title:   TwoNN dimension of a layer, computed anew: `twonn_dimensions` keeps it
-- formula: mu = r2 / r1 of each point, r1 = 0 and r1 = r2 left out; twonn_dimension = N / sum ln mu;
--          twonn_fit = sum x y / sum x^2 over the floor(9 N / 10) least x = ln mu, y = -ln(1 - i / N) at place i
-- source:  Facco, d'Errico, Rodriguez, Laio 2017 (the fit); Denti et al. 2022 (maximum likelihood)
-- grain:   one row per layer whose neighbours are kept up to rank 2 or more
-- columns:
--   layer_id
--   n_ratios         points with a ratio, N
--   n_zero           points with a copy, r1 = 0: left out
--   n_tied           points whose two nearest are equally far, r1 = r2 as stored: left out
--   twonn_dimension  by maximum likelihood, NULL for no point
--   twonn_fit        by the line through the origin that fits the empirical distribution, its top tenth left out; NULL for fewer than two points
create or replace view computed_twonn_dimensions as
with nearest as (
    select layer_id, point, min(distance)::double as r1, max(distance)::double as r2
    from neighbors
    where rank <= 2
    group by layer_id, point
    having count(*) = 2
),
ratio as (
    select layer_id, r1, case when r1 > 0 and r2 > r1 then ln(r2 / r1) end as x from nearest
),
placed as (
    select
        layer_id,
        r1,
        x,
        row_number() over (partition by layer_id order by x nulls last) as place,
        count(x) over (partition by layer_id) as n
    from ratio
)
select
    layer_id,
    count(x) as n_ratios,
    count(*) filter (r1 = 0) as n_zero,
    count(*) filter (r1 > 0 and x is null) as n_tied,
    count(x) / sum(x) as twonn_dimension,
    sum(x * -ln(1 - place / n)) filter (place <= 9 * n // 10)
        / nullif(sum(x * x) filter (place <= 9 * n // 10), 0) as twonn_fit
from placed
group by layer_id;
