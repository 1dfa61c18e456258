-- title:   Steps of the networks that count: accurate, and connected in every layer graph
-- source:  Baptista et al. 2024, section 4
-- grain:   one row per (network, k, convention, start, end, layer)
-- columns:
--   cell_id, study, dataset_id, dataset, width, depth, k, convention, start, end, network_id, half
--   layer         layer l the step starts from
--   total_forman  Ric_l
--   eta           change of total distance from layer l to layer l + 1
create or replace view pooled_steps as
select
    n.cell_id,
    n.study,
    n.dataset_id,
    n.dataset,
    n.width,
    n.depth,
    c.k,
    c.convention,
    c.start,
    c.end,
    c.network_id,
    n.half,
    f.layer,
    f.total_forman,
    f.eta
from network_coefficients as c
join network_labels as n on n.network_id = c.network_id and n.is_accurate
join network_steps as f
    on f.network_id = c.network_id
    and f.k = c.k
    and f.convention = c.convention
    and is_in_series(f.layer, f.is_to_output, c.start, c.end)
where c.is_connected;
