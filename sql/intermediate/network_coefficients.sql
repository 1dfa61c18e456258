-- title:   Ricci coefficient of a network or of a snapshot
-- formula: rho_k = Pearson(eta_l, Ric_l) over the steps l from 1 (start 'hidden') or 0 (start 'input') to L-1
--          (end 'hidden') or L (end 'output', the step to the output);
--          z_fisher = atanh(rho) sqrt(N - 3), z_paper = atanh(rho) / sqrt(N - 3), N = n_steps,
--          so that N - 3 = L - 4 between hidden layers
-- source:  Baptista et al. 2024, Eq. 8; z_paper is Eq. 11 as printed, z_fisher the standard score
-- grain:   one row per (network, k, convention, start, end), snapshots included
-- columns:
--   network_id, k, convention
--   start              hidden: steps from layer 1 on, as in the paper; input: from layer 0 on
--   end                hidden: steps up to layer L, as in the paper; output: the step to the output too
--   n_steps            steps N in the correlation
--   is_connected       whether every layer graph from the start to the end is connected
--   is_exact           whether every total distance in it is exact
--   ricci_coefficient  rho_k, NULL if a graph is not connected or a series is constant
--   z_fisher           atanh(rho) sqrt(N - 3), NULL for N <= 3 or |rho| = 1
--   z_paper            atanh(rho) / sqrt(N - 3), NULL for N <= 3 or |rho| = 1
--   reason             why the coefficient is NULL
create or replace view network_coefficients as
with coefficient as (
    select
        f.network_id,
        f.k,
        f.convention,
        s.start,
        e.end,
        count(*) as n_steps,
        bool_and(f.is_connected) as is_connected,
        bool_and(f.is_exact) as is_exact,
        exact_corr(f.eta, f.total_forman) as rho
    from network_steps as f
    join networks as n on n.network_id = f.network_id
    cross join (values ('hidden'), ('input')) as s (start)
    join (values ('hidden'), ('output')) as e ("end")
        on is_in_series(f.layer, f.is_to_output, s.start, e.end)
    group by f.network_id, f.k, f.convention, s.start, e.end
    having count(*) = any_value(n.depth) - first_step(s.start) + (e.end = 'output')::integer
),
guarded as (
    select *, case when is_connected then rho end as ricci_coefficient from coefficient
),
scored as (
    select
        *,
        case when n_steps > 3 and abs(ricci_coefficient) < 1 then atanh(ricci_coefficient) end as z
    from guarded
)
select
    network_id,
    k,
    convention,
    start,
    "end",
    n_steps,
    is_connected,
    is_exact,
    ricci_coefficient,
    z * sqrt(n_steps - 3) as z_fisher,
    z / sqrt(n_steps - 3) as z_paper,
    case
        when not is_connected then 'a layer graph is not connected'
        when n_steps < 2 then 'fewer than two steps'
        when ricci_coefficient is null then 'a series is constant'
    end as reason
from scored;
