-- title:   Transport scores of a network
-- formula: line_shape_score, ot_score (the largest over all optimal assignments, least_ot_score the least),
--          transport_efficiency between the first and the last layer of one width;
--          geodesic_ratio = w2_path_length / w2_geodesic_length >= 1
-- source:  Gai, Zhang 2021, arXiv 2102.09235; efficiency and geodesic ratio: geoflow
-- grain:   one row per network with transport geometry
-- columns:
--   network_id             network
--   network, study, dataset, family, width, depth, weight_decay, first_layer, n_steps,
--   line_shape_score, ot_score, least_ot_score, is_ot_unique, transport_efficiency
--   relative_displacement  how far points move compared with their spacing: tiny moves score 1 trivially
--   w2_path_length, w2_geodesic_length
--   geodesic_ratio         path over geodesic, 1 on a Wasserstein geodesic; NULL for a track of one step
--   n_points, sample_seed, test_accuracy, reason
create or replace view transport_scores as
select
    t.network_id,
    l.network,
    l.study,
    l.dataset,
    n.family,
    l.width,
    l.depth,
    n.weight_decay,
    t.first_layer,
    t.n_steps,
    t.line_shape_score,
    t.ot_score,
    t.least_ot_score,
    t.is_ot_unique,
    t.transport_efficiency,
    t.relative_displacement,
    t.w2_path_length,
    t.w2_geodesic_length,
    t.geodesic_ratio,
    t.n_points,
    t.sample_seed,
    l.test_accuracy,
    t.reason
from track_scores as t
join network_labels as l on l.network_id = t.network_id
join networks as n on n.network_id = t.network_id;
