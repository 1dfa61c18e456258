-- title:   The pooled steps at the optimal k of each kind of network
-- source:  Baptista et al. 2024, Figure 4
-- grain:   one row per (width, depth, network, layer)
-- parameters:
--   study       a study
--   convention  how neighbours become edges
--   dataset     name of a data set
select width, depth, k, aggregated_ricci_coefficient, network_id, layer, total_forman, eta
from pooled_steps
join (
    select cell_id, convention, start, "end", optimal_k as k, aggregated_ricci_coefficient from optimal_k
) using (cell_id, convention, start, "end", k)
where study = $study and convention = $convention and start = 'hidden' and "end" = 'hidden'
    and dataset = $dataset
order by depth, width, network_id, layer;
