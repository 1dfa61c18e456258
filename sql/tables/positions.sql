-- title:   Positions of points for pictures
-- formula: pca: (X - mean X) V_3, V_3 the three axes along which the activations X of the layer vary most;
--          umap: igraph's layout of the layer graph for k. Nothing is measured on them
-- source:  Pearson 1901; McInnes, Healy, Melville 2018
-- grain:   one row per (layer, layout, k, convention, point): pca for layers kept at detail nodes or more
-- columns:
--   layer_id    layer
--   layout      pca or umap
--   k           number of neighbours of the graph that is laid out, NULL for pca
--   convention  how neighbours become its edges, NULL for pca
--   point       point
--   x           first coordinate
--   y           second coordinate, 0 where there is none
--   z           third coordinate, 0 where there is none
create table positions (
    layer_id integer not null,
    layout varchar not null check (layout in ('pca', 'umap')),
    k integer,
    convention varchar check (convention in ('directed', 'union', 'mutual')),
    point integer not null,
    x float not null,
    y float not null,
    z float not null
);
