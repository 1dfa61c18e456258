-- title:   The local flow of studies beside what is published, rows with published numbers first
-- source:  Hehl, von Renesse, Weber 2025
-- grain:   one row per row of local_flow_comparison
-- parameters:
--   studies  names of studies
from local_flow_comparison
where study in $studies
order by published_mean is null, study, convention, dataset, depth, width, k,
    curvature <> 'augmented_forman', curvature, alpha, "end" desc;
