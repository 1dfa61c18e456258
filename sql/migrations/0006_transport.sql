-- title:   The OT score is a range; transport is exact, of 8,000 points at most; a sign may be 0
-- source:  geoflow
-- Scores written before this stay the largest of their range; the least is not known. What came of entropic plans,
-- of more than 3,000 points, is NULL with a reason: measure these networks again. Affinities had the covariance over
-- n, theirs over n - 1 follow but for the 1e-6 added to variances. Complexities counted crossings alone.
alter table transport_steps add column n_points integer;
alter table transport_steps add column sample_seed bigint;
alter table transport_steps add column least_ot_score double;
alter table transport_steps add column is_ot_unique boolean;
alter table transport_tracks add column sample_seed bigint;
alter table transport_tracks add column least_ot_score double;
alter table transport_tracks add column is_ot_unique boolean;
alter table layer_affinities add column n_points integer;
alter table layer_affinities add column sample_seed bigint;
alter table point_tracks alter column is_optimal drop not null;
update transport_steps as t set n_points = d.n_test
from networks as n join datasets as d using (dataset_id) where n.network_id = t.network_id;
update transport_tracks as t set n_points = d.n_test
from networks as n join datasets as d using (dataset_id) where n.network_id = t.network_id;
update layer_affinities as t set n_points = d.n_test
from networks as n join datasets as d using (dataset_id) where n.network_id = t.network_id;
update transport_steps set
    w2 = null, ot_score = null, transport_efficiency = null,
    reason = concat_ws('; ', reason, 'an entropic plan of an earlier geoflow: measure the network again')
where method = 'entropic';
update point_tracks as p set is_optimal = null
from transport_tracks as t where t.network_id = p.network_id and t.method = 'entropic';
update transport_tracks set
    w2 = null, ot_score = null, transport_efficiency = null, w2_path_length = null, w2_geodesic_length = null,
    reason = concat_ws('; ', reason, 'an entropic plan of an earlier geoflow: measure the network again')
where method = 'entropic';
update layer_affinities set
    affinity_score = null,
    reason = 'an entropic plan of an earlier geoflow: measure the network again'
where n_points > 3000 and affinity_score is not null;
update layer_affinities set affinity_score = 1 - (1 - affinity_score) * sqrt((n_points - 1) / n_points)
where affinity_score is not null;
update point_tracks as p set line_shape_score = null, reason = 'a track of one step is straight whatever the network does'
from transport_tracks as t
where t.network_id = p.network_id and t.n_steps = 1 and p.line_shape_score is not null;
update transport_tracks set
    line_shape_score = null, median_line_shape = null, n_defined = 0,
    reason = concat_ws('; ', 'a track of one step is straight whatever the network does', reason)
where n_steps = 1 and line_shape_score is not null;
alter table transport_steps drop column method;
alter table transport_steps drop column regularisation;
alter table transport_tracks drop column method;
alter table transport_tracks drop column regularisation;
alter table layer_complexities add column crossings double;
alter table layer_complexities alter column complexity drop not null;
alter table layer_complexities alter column complexity_deviation drop not null;
update layer_complexities set crossings = complexity, complexity = null, complexity_deviation = null;
alter table point_complexities add column crossings integer;
alter table point_complexities alter column complexity drop not null;
update point_complexities set crossings = complexity, complexity = null;
update networks set request = regexp_replace(request, '"transport":\{[^}]*\}', '"transport":null')
where request is not null;
