-- title:   The regressions of test accuracy and test loss on the coefficient
-- source:  Baptista et al. 2024, Table S2
-- grain:   one row per (outcome, sample, form of the coefficient)
-- parameters:
--   study       a study
--   convention  how neighbours become edges
select outcome, sample, coefficient, estimate, standard_error, t, p, n, r_squared, reason
from accuracy_association
where study = $study and convention = $convention and start = 'hidden' and "end" = 'hidden'
order by outcome, sample <> 'all', sample, coefficient desc;
