-- title:   The local coefficient of correct and of misclassified points
-- source:  geoflow; Hehl, von Renesse, Weber 2025
-- grain:   one row per (data set, width, depth)
-- parameters:
--   study       a study
--   convention  how neighbours become edges
--   k           number of neighbours
--   series_end  hidden or output: the layer that series end with
select dataset, width, depth, n_networks, n_correct, n_wrong, mean_correct, mean_wrong,
    share_no_flow_correct, share_no_flow_wrong, margin_correlation
from flow_by_correctness
where study = $study and convention = $convention and k = $k and "end" = $series_end
    and curvature = 'augmented_forman'
order by dataset, depth, width;
