-- title:   Ricci coefficient of a network
-- formula: rho_k = Pearson(eta_l, Ric_l) over the steps l from 1 (start 'hidden') or 0 (start 'input') to L-1
--          (end 'hidden') or L (end 'output', the step to the output);
--          z_fisher = atanh(rho) sqrt(N - 3), z_paper = atanh(rho) / sqrt(N - 3), N = n_steps,
--          so that N - 3 = L - 4 between hidden layers
-- source:  Baptista et al. 2024, Eq. 8; z_paper is Eq. 11 as printed, z_fisher the standard score
-- grain:   one row per (network, k, convention, start, end)
-- columns:
--   network_id         network
--   network, study, dataset, width, depth, k, convention, start, end, n_steps, is_connected, is_exact,
--   ricci_coefficient, z_fisher, z_paper, reason
create or replace view ricci_coefficients as
select
    c.network_id,
    n.network,
    n.study,
    n.dataset,
    n.width,
    n.depth,
    c.k,
    c.convention,
    c.start,
    c.end,
    c.n_steps,
    c.is_connected,
    c.is_exact,
    c.ricci_coefficient,
    c.z_fisher,
    c.z_paper,
    c.reason
from network_coefficients as c
join network_labels as n on n.network_id = c.network_id;
