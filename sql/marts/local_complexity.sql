-- title:   Local complexity of a network
-- formula: complexity = mean over points x of the neurons z whose sign(z), -1, 0 or 1, differs on the frame x +- r u_p;
--          crossings = mean number of those with z < 0 somewhere on it and z > 0 elsewhere
-- source:  Humayun et al., arXiv 2402.15555
-- grain:   one row per (network, hidden layer, radius, kind of points)
-- columns:
--   network_id, network, study, dataset, depth, layer, radius, points, n_points, n_directions,
--   complexity, complexity_deviation, crossings
create or replace view local_complexity as
select
    c.network_id,
    n.network,
    n.study,
    n.dataset,
    n.depth,
    c.layer,
    c.radius,
    c.points,
    c.n_points,
    c.n_directions,
    c.complexity,
    c.complexity_deviation,
    c.crossings
from layer_complexities as c
join network_labels as n on n.network_id = c.network_id;
