-- title:   A score with what it was measured with, as people read it
-- formula: score curvature(alpha) convention k=.. points r=..; what is NULL is left out
-- source:  geoflow
-- grain:   scalar
-- example: select score_label('local_coefficient', 'ollivier', 0.5, 'union', 50, null, null)
create or replace macro score_label(score, curvature, alpha, convention, k, points, radius) as
    concat_ws(
        ' ',
        score,
        curvature || coalesce(format('({:g})', alpha::double), ''),
        convention,
        'k=' || k,
        points,
        'r=' || format('{:g}', radius::double)
    );
