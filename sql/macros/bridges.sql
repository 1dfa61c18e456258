-- title:   Bridges of a layer: its edges of most negative curvature, with their classes
-- source:  geoflow
-- grain:   one row per edge, most negative first: source, target, value, source_label, target_label, is_between
-- example: from bridges('digits', 2, 8) limit 5
create or replace macro bridges(network_name, layer_index, k, kind := 'forman', alpha := null, convention := null) as table
select
    e.source,
    e.target,
    e.value,
    a.label as source_label,
    b.label as target_label,
    a.label <> b.label as is_between
from curvature_of(
    layer_of(network_name, layer_index), k, kind := kind, alpha := alpha, convention := convention
) as e
left join (select layer_id, dataset_id from layers) as l
    on l.layer_id = layer_of(network_name, layer_index)
left join samples as a on a.dataset_id = l.dataset_id and a.point = e.source
left join samples as b on b.dataset_id = l.dataset_id and b.point = e.target
order by e.value, e.source, e.target;
