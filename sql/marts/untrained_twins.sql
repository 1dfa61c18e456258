-- title:   Each network's Ricci coefficient beside that of its untrained twin, at one k
-- formula: rho_k* of the network and of its twin; k* is the optimal k of the network's cell
-- source:  geoflow: what of a link between coefficient and accuracy was there before the training
-- grain:   one row per (network, twin, convention, start, end); a twin has the same data set, widths, family,
--          initialisation and seed, and no epochs: a network of another study, or the snapshot before training
-- columns:
--   network_id, study, dataset, width, depth, replica, convention, start, end
--   optimal_k            k* of the network's cell
--   test_accuracy        of the network
--   test_loss            of the network
--   ricci_coefficient    of the network at k*
--   twin_id              untrained twin
--   twin_study           study of the twin
--   twin_coefficient     of the twin at k*, NULL where it has none
create or replace view untrained_twins as
select
    o.network_id,
    o.study,
    o.dataset,
    o.width,
    o.depth,
    o.replica,
    o.convention,
    o.start,
    o.end,
    o.optimal_k,
    o.test_accuracy,
    n.test_loss,
    o.ricci_coefficient,
    t.network_id as twin_id,
    t.study as twin_study,
    r.ricci_coefficient as twin_coefficient
from optimal_coefficients as o
join networks as n on n.network_id = o.network_id
join networks as t
    on t.dataset_id = n.dataset_id
    and t.widths = n.widths
    and t.seed = n.seed
    and t.family is not distinct from n.family
    and t.initialisation is not distinct from n.initialisation
    and t.batch_norm is not distinct from n.batch_norm
    and t.memory_order is not distinct from n.memory_order
    and t.epochs = 0
    and t.network_id <> n.network_id
left join network_coefficients as r
    on r.network_id = t.network_id
    and r.k = o.optimal_k
    and r.convention = o.convention
    and r.start = o.start
    and r.end = o.end
where o.exclusion is null;
