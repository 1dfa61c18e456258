-- title:   Scores of pairs of layers of a network
-- source:  geoflow
-- grain:   one row per (score, keys, pair of layers) of one network
-- parameters:
--   network_id  key of a network
select score, score_label(score, curvature, alpha, convention, k, points, radius) as label,
    layer, other_layer, value
from pair_scores
where network_id = $network_id
order by label, layer, other_layer;
