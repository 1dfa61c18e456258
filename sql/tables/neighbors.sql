-- title:   Ranked neighbours
-- formula: rank of y from x by (distance, index), x itself left out;
--          n_tied = number of neighbours ranked before y at the same distance.
--          The graph for k has x -> y where rank <= k (union, mutual) or rank - n_tied <= k (directed)
-- source:  geoflow; ties of the directed graph as in the R code of Baptista et al. 2024
-- grain:   one row per (layer, point, rank)
-- columns:
--   layer_id  layer
--   point     point x
--   rank      place of the neighbour, 1 = nearest, ties in the order of their index
--   n_tied    neighbours ranked before this one at the same distance
--   neighbor  point y
--   distance  Euclidean distance, rounded to FLOAT; ties are decided before rounding
create table neighbors (
    layer_id integer not null,
    point integer not null,
    rank integer not null,
    n_tied integer not null,
    neighbor integer not null,
    distance float not null
);
