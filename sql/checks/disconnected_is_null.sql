-- title:   A total distance exists exactly where the graph is connected
-- source:  geoflow
-- grain:   one row per graph that breaks the rule
select g.graph_id, g.n_components, g.is_connected, g.total_geodesic, g.diameter
from graphs as g
join layers as l using (layer_id)
where is_connected <> (n_components = 1)
    or is_connected <> (total_geodesic is not null)
    or (is_connected and n_sources = n_points) <> (diameter is not null)
