-- title:   No row without the row it belongs to
-- source:  geoflow
-- grain:   one row per table and missing key
select 'samples' as relation, dataset_id as key from samples anti join datasets using (dataset_id)
union
select 'networks', run_id from networks anti join runs using (run_id)
union
select 'networks', s.final_id
from networks as s
left join networks as f on f.network_id = s.final_id and f.final_id is null
where s.final_id is not null and f.network_id is null
union
select 'failed_cells', run_id from failed_cells anti join runs using (run_id)
union
select 'regression_terms', null from regression_terms anti join networks using (study)
union
select 'neighbors', layer_id from neighbors anti join layers using (layer_id)
union
select 'twonn_dimensions', layer_id from twonn_dimensions anti join layers using (layer_id)
union
select 'neighborhoods', layer_id from neighborhoods anti join layers using (layer_id)
union
select 'positions', layer_id from positions anti join layers using (layer_id)
union
select 'graphs', layer_id from graphs anti join layers using (layer_id)
union
select 'hop_counts', graph_id from hop_counts anti join graphs using (graph_id)
union
select 'nodes', graph_id from nodes anti join graphs using (graph_id)
union
select 'geodesics', graph_id from geodesics anti join graphs using (graph_id)
union
select 'edge_curvatures', graph_id from edge_curvatures anti join graphs using (graph_id)
union
select 'point_curvatures', graph_id from point_curvatures anti join graphs using (graph_id)
union
select 'class_edges', graph_id from class_edges anti join graphs using (graph_id)
union
select 'communities', graph_id from communities anti join graphs using (graph_id)
union
select 'community_agreement', graph_id from community_agreement anti join graphs using (graph_id)
union
select 'class_curvatures', network_id from class_curvatures anti join networks using (network_id)
union
select 'expansions', network_id from expansions anti join networks using (network_id)
union
select 'predictions', network_id from predictions anti join networks using (network_id)
union
select 'transport_steps', network_id from transport_steps anti join networks using (network_id)
union
select 'transport_tracks', network_id from transport_tracks anti join networks using (network_id)
union
select 'point_tracks', network_id from point_tracks anti join networks using (network_id)
union
select 'layer_affinities', network_id from layer_affinities anti join networks using (network_id)
union
select 'layer_complexities', network_id from layer_complexities anti join networks using (network_id)
union
select 'point_complexities', network_id from point_complexities anti join networks using (network_id)
union
select 'weight_paths', network_id from weight_paths anti join networks using (network_id)
union
select 'point_coefficients', network_id from point_coefficients anti join networks using (network_id)
union
select 'layer_coefficients', network_id from layer_coefficients anti join networks using (network_id)
union
select 'layer_overlaps', network_id from layer_overlaps anti join networks using (network_id)
union
select 'layer_similarities', network_id from layer_similarities anti join networks using (network_id)
union
select 'network_correlations', network_id from network_correlations anti join networks using (network_id)
union
select 'network_score_values', network_id from network_score_values anti join networks using (network_id)
union
select 'layer_score_values', network_id from layer_score_values anti join networks using (network_id)
union
select 'pair_score_values', network_id from pair_score_values anti join networks using (network_id)
union
select 'point_score_values', network_id from point_score_values anti join networks using (network_id)
union
select 'left_out', network_id from left_out anti join networks using (network_id)
union
select 'captures', network_id from captures anti join networks using (network_id)
union
select 'captured_layers', network_id from captured_layers anti join captures using (network_id)
