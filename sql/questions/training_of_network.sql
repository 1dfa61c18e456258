-- title:   Coefficient and accuracy of a network along its training, between hidden layers
-- source:  Hehl, von Renesse, Weber 2025
-- grain:   one row per epoch that was kept of one network
-- parameters:
--   network_id  key of the network at the end of its training
--   convention  how neighbours become edges
--   k           number of neighbours
select s.epoch, c.ricci_coefficient, s.train_accuracy, s.test_accuracy, c.reason
from snapshot_labels as s
left join network_coefficients as c
    on c.network_id = s.network_id
    and c.start = 'hidden'
    and c."end" = 'hidden'
    and c.convention = $convention
    and c.k = $k
where s.final_id = $network_id and s.epoch is not null
order by s.epoch;
