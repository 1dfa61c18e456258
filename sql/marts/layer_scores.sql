-- title:   Every score of a layer, one under another
-- formula: eta, layer_coefficient, ot_score, transport_efficiency, relative_displacement and turning_angle are of the
--          step from layer l to l + 1, the others of layer l
-- source:  geoflow; each score has its own view
-- grain:   one row per (network, layer l = 0..L, score), NULL scores left out
-- columns:
--   network_id  network
--   network, study, dataset
--   layer       layer l, 0 = input
--   score       which: those of graphs name their convention and k, complexity its points and radius
--   value       the score
create or replace view layer_scores as
with scores as (
    select network_id, layer, format('total_forman {} k={}', convention, k) as score, total_forman::double as value
    from network_graphs
    union all
    select network_id, layer, format('total_geodesic {} k={}', convention, k), total_geodesic::double
    from network_graphs
    union all
    select network_id, layer, format('eta {} k={}', convention, k), eta::double
    from network_steps
    union all
    select
        network_id,
        layer,
        format('layer_coefficient {}{} {} k={}', curvature, coalesce(format('({:g})', alpha), ''), convention, k),
        layer_coefficient
    from layer_coefficients
    union all
    select network_id, layer, format('curvature_gap {} k={}', convention, k), curvature_gap
    from community_structure
    union all
    select network_id, layer, format('modularity {} k={}', convention, k), modularity
    from community_structure
    union all
    select network_id, layer, 'ot_score', ot_score from transport_steps
    union all
    select network_id, layer, 'transport_efficiency', transport_efficiency from transport_steps
    union all
    select network_id, layer, 'relative_displacement', relative_displacement from transport_steps
    union all
    select network_id, layer, 'turning_angle', mean_turning_angle from transport_steps
    union all
    select network_id, layer, 'affinity_score', affinity_score from layer_affinities
    union all
    select network_id, layer, format('complexity {} r={:g}', points, radius), complexity
    from layer_complexities
)
select s.network_id, n.network, n.study, n.dataset, s.layer, s.score, s.value
from scores as s
join network_labels as n on n.network_id = s.network_id
where s.value is not null;
