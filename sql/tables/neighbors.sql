-- title:   Ranked neighbours
-- formula: rank of y from x by (distance, index), x itself left out;
--          min_rank = 1 + number of points strictly closer to x than y.
--          The graph for k has x -> y where rank <= k (union, mutual) or min_rank <= k (directed)
-- source:  geoflow; ties of the directed graph as in the R code of Baptista et al. 2024
-- grain:   one row per (layer, point, rank)
-- columns:
--   layer_id  layer
--   point     point x
--   rank      place of the neighbour, 1 = nearest, ties in the order of their index
--   min_rank  standard competition rank: equal for neighbours at equal distance
--   neighbor  point y
--   distance  Euclidean distance, rounded to FLOAT; ties are decided before rounding
create table neighbors (
    layer_id integer not null,
    point integer not null,
    rank integer not null,
    min_rank integer not null,
    neighbor integer not null,
    distance float not null
);
