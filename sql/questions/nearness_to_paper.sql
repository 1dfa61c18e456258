-- title:   How near the data sets of a study come to the digitised cells
-- source:  Baptista et al. 2024, Figure 3
-- grain:   one row per data set
-- parameters:
--   study       a study
--   convention  how neighbours become edges
select dataset, n_cells, pearson, rmse, mean_difference
from figure3_fidelity
where study = $study and convention = $convention and start = 'hidden' and "end" = 'hidden'
order by dataset;
