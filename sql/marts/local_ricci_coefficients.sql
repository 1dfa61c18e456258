-- title:   Local Ricci coefficient of a point
-- formula: Pearson over l = 0..L-1 (end 'hidden') or 0..L (end 'output') of (S_l(x), eta_l(x)): S_l(x) mean curvature of the edges at x in
--          layer l, eta_l(x) mean over its neighbours y of [gamma_{l+1}(x, y) - 1]
-- source:  Hehl, von Renesse, Weber 2025
-- grain:   one row per (network, k, convention, curvature, alpha, end, point)
-- columns:
--   network_id, network, study, dataset, width, depth, k, convention, curvature, alpha, end, point,
--   label
--   is_correct         whether the network classifies it correctly, NULL if that is not known
--   margin             logit of its class less the largest other, NULL if logits are not known
--   n_steps
--   local_coefficient  negative: where curvature is low, neighbours move away; NULL with a reason
--   reason
create or replace view local_ricci_coefficients as
select
    c.network_id,
    n.network,
    n.study,
    n.dataset,
    n.width,
    n.depth,
    c.k,
    c.convention,
    c.curvature,
    c.alpha,
    c.end,
    c.point,
    s.label,
    p.predicted = s.label as is_correct,
    p.margin,
    c.n_steps,
    c.local_coefficient,
    c.reason
from point_coefficients as c
join network_labels as n on n.network_id = c.network_id
left join samples as s on s.dataset_id = n.dataset_id and s.point = c.point
left join predictions as p on p.network_id = c.network_id and p.point = c.point;
