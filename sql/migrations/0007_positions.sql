-- title:   Positions of points for pictures are kept
-- source:  geoflow
-- Networks written before this have none: the page lays out their graphs, and says that there is no PCA.
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
