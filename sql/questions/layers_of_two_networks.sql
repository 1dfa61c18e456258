-- title:   How alike the layers of two networks are: overlap of the neighbours of their points
-- source:  geoflow
-- grain:   one row per (layer of one, layer of the other)
-- parameters:
--   network  name of a network
--   other    name of another on the same points, or of the same
--   k        neighbours
select layer, other_layer, neighborhood_overlap as value, chance
from similarity_of($network, $other, $k)
order by layer, other_layer;
