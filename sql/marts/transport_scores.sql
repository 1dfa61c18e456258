-- title:   Transport scores of a network
-- formula: line_shape_score, ot_score, transport_efficiency between the first and the last layer of one width;
--          geodesic_ratio = w2_path_length / w2_geodesic_length >= 1
-- source:  Gai, Zhang 2021, arXiv 2102.09235; efficiency and geodesic ratio: geoflow
-- grain:   one row per network with transport geometry
-- columns:
--   network_id             network
--   network                name of the network
--   study                  study
--   dataset                name of the data set
--   family                 plain, residual, dense or fractional; NULL if not known
--   width                  name of the widths
--   depth                  hidden layers L
--   weight_decay           L2 penalty of its training
--   first_layer            first layer of its track, the longest run of layers of one width
--   n_steps                steps of the track
--   line_shape_score       mean over points: 1 = straight; NULL for a track of one step
--   ot_score               share of points that optimal transport sends where the network does
--   transport_efficiency   optimal cost over actual cost, 0 to 1
--   relative_displacement  how far points move compared with their spacing: tiny moves score 1 trivially
--   w2_path_length         sum of the W2 of the steps, in the unit of the points
--   w2_geodesic_length     W2 between both ends
--   geodesic_ratio         path over geodesic, 1 on a Wasserstein geodesic
--   method                 exact or entropic
--   test_accuracy          share of test points classified correctly
--   reason                 why a score is NULL, reasons separated by semicolons
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
    t.transport_efficiency,
    t.relative_displacement,
    t.w2_path_length,
    t.w2_geodesic_length,
    t.geodesic_ratio,
    t.method,
    l.test_accuracy,
    t.reason
from track_scores as t
join network_labels as l on l.network_id = t.network_id
join networks as n on n.network_id = t.network_id;
