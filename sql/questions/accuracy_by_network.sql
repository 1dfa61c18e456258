-- title:   Test accuracy and coefficient of every network that is reported
-- source:  Baptista et al. 2024, section 4
-- grain:   one row per network
-- parameters:
--   study       a study
--   convention  how neighbours become edges
select dataset, width, depth, network, optimal_k, ricci_coefficient, test_accuracy
from optimal_coefficients
where study = $study and convention = $convention and start = 'hidden' and "end" = 'hidden'
    and ricci_coefficient is not null and test_accuracy is not null
order by dataset, depth, width, network_id;
