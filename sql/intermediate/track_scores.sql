-- title:   Transport scores between the first and the last layer of one width
-- formula: geodesic_ratio = w2_path_length / w2_geodesic_length >= 1
-- source:  Gai, Zhang 2021, arXiv 2102.09235; efficiency and geodesic ratio: geoflow
-- grain:   one row per network with transport geometry, snapshots included
-- columns:
--   network_id          network or snapshot
--   first_layer         first layer of its track, the longest run of layers of one width
--   n_steps
--   line_shape_score    mean over points: 1 = straight; NULL for a track of one step
--   ot_score, least_ot_score, is_ot_unique, transport_efficiency, relative_displacement
--   w2_path_length      sum of the W2 of the steps, in the unit of the points
--   w2_geodesic_length  W2 between both ends
--   geodesic_ratio      path over geodesic, 1 on a Wasserstein geodesic; NULL if both ends are the same, and for a track of one step
--   n_points, sample_seed, reason
create or replace view track_scores as
select
    network_id,
    first_layer,
    n_steps,
    line_shape_score,
    ot_score,
    least_ot_score,
    is_ot_unique,
    transport_efficiency,
    relative_displacement,
    w2_path_length,
    w2_geodesic_length,
    if(n_steps > 1, length_ratio(w2_path_length, w2_geodesic_length), null) as geodesic_ratio,
    n_points,
    sample_seed,
    reason
from transport_tracks;
