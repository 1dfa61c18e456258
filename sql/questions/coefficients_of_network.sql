-- title:   The coefficient of a network at every k
-- source:  Baptista et al. 2024, Eq. 8
-- grain:   one row per (k, convention, start, end) of one network
-- parameters:
--   network_id  key of a network or a snapshot
select convention, start, "end", k, n_steps, is_connected, ricci_coefficient, z_fisher, reason
from network_coefficients
where network_id = $network_id
order by convention, start, "end", k;
