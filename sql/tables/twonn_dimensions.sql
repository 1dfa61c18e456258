-- title:   Intrinsic dimension of a layer by the two nearest neighbours of its points
-- formula: mu = r2 / r1 of each point, r1 = 0 and r1 = r2 left out; twonn_dimension = N / sum ln mu;
--          twonn_fit = sum x y / sum x^2 over the floor(9 N / 10) least x = ln mu, y = -ln(1 - i / N) at place i
-- source:  Facco, d'Errico, Rodriguez, Laio 2017 (the fit); Denti et al. 2022 (maximum likelihood)
-- grain:   one row per layer whose neighbours are kept up to rank 2 or more
-- columns:
--   layer_id         layer
--   n_ratios         points with a ratio, N
--   n_zero           points with a copy, r1 = 0: left out
--   n_tied           points whose two nearest are equally far, r1 = r2 as stored: left out
--   twonn_dimension  by maximum likelihood, NULL for no point
--   twonn_fit        by the line through the origin that fits the empirical distribution, its top tenth left out; NULL for fewer than two points
create table twonn_dimensions (
    layer_id integer not null,
    n_ratios bigint not null,
    n_zero bigint not null,
    n_tied bigint not null,
    twonn_dimension double,
    twonn_fit double
);
