-- title:   Every layer score of a network at one k, along depth
-- source:  geoflow
-- grain:   one row per (score, keys, layer) of one network
-- parameters:
--   network_id  key of a network
--   convention  how neighbours become edges
--   k           number of neighbours
select score, score_label(null, curvature, alpha, null, null, points, radius) as variant, layer, value
from layer_scores
where network_id = $network_id and coalesce(k, $k) = $k and coalesce(convention, $convention) = $convention
order by score, variant, layer;
