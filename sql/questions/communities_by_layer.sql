-- title:   How classes and communities stand in each layer, mean over networks
-- source:  Hehl, von Renesse, Weber 2025
-- grain:   one row per (data set, width, depth, layer)
-- parameters:
--   study       a study
--   convention  how neighbours become edges
--   k           number of neighbours
--   series_end  hidden or output: the layer that series end with
select dataset, width, depth, layer, count(*) as n_networks,
    avg(curvature_gap) as curvature_gap,
    avg(modularity) as modularity, avg(normalized_cut) as normalized_cut,
    avg(adjusted_rand) as adjusted_rand,
    avg(normalized_mutual_information) as normalized_mutual_information,
    avg(leiden_modularity) as leiden_modularity, avg(n_communities) as n_communities
from community_structure
where study = $study and convention = $convention and k = $k
    and ($series_end = 'output' or not is_output)
group by all
order by dataset, depth, width, layer;
