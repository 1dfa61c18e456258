-- title:   Length of a path over the distance of its ends
-- formula: max(1, path / chord); NULL where the ends are the same but for rounding
-- source:  geoflow: a path is never shorter, what rounding takes off is put back
-- grain:   scalar
-- example: select length_ratio(w2_path_length, w2_geodesic_length) from transport_tracks
create or replace macro length_ratio(path, chord) as
    case when chord > 1e-300 * path then greatest(1.0, path / chord) end;
