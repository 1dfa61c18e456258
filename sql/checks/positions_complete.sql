-- title:   A layer that has positions of a layout has one of each point
-- source:  geoflow
-- grain:   one row per layer and layout with a point missing, double or out of range
select p.layer_id, p.layout, p.k, p.convention, count(*) as n_rows
from positions as p
join layers as l using (layer_id)
group by p.layer_id, p.layout, p.k, p.convention, l.n_points
having count(*) <> l.n_points
    or count(distinct p.point) <> l.n_points
    or min(p.point) <> 0
    or max(p.point) <> l.n_points - 1;
