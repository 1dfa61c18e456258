-- title:   Local coefficient of a point
-- formula: Pearson over l = 0..L-1 (end 'hidden') or 0..L (end 'output') of (S_l(x), eta_l(x))
-- source:  Hehl, von Renesse, Weber 2025
-- grain:   one row per (network, k, convention, curvature, alpha, end, point)
-- columns:
--   network_id         network
--   k                  number of neighbours
--   convention         union or mutual
--   curvature          kind of curvature
--   alpha              idle mass, NULL for curvatures that have none
--   end                hidden: steps up to layer L; output: the step to the output too
--   point              point x
--   n_steps            steps in the correlation
--   local_coefficient  Pearson of S_l(x) and eta_l(x), NULL if a step or a correlation is not defined
--   reason             why it is NULL
create table point_coefficients (
    network_id integer not null,
    k integer not null,
    convention varchar not null,
    curvature varchar not null,
    alpha double,
    "end" varchar not null check ("end" in ('hidden', 'output')),
    point integer not null,
    n_steps bigint not null,
    local_coefficient double,
    reason varchar
);
