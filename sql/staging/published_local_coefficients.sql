-- title:   Local coefficients as published
-- source:  Hehl, von Renesse, Weber 2025: trained, union graph, k = 50, augmented Forman curvature
-- grain:   one row per (data set, width, depth)
-- columns:
--   dataset                           name of the data set
--   width                             name of the widths
--   depth                             hidden layers L
--   k                                 number of neighbours
--   curvature                         kind of curvature
--   published_mean_local_coefficient  mean over points and networks
--   published_share_negative          share of points with a negative coefficient
create or replace view published_local_coefficients as
select *
from (
    values
        ('mnist_1v7', '25', 10, 50, 'augmented_forman', -0.826, 0.995),
        ('fashion_sandal_v_sneaker', '25', 10, 50, 'augmented_forman', -0.689, 0.986),
        ('cifar_plane_v_car', '25', 10, 50, 'augmented_forman', -0.779, 0.999),
        ('circles', '25', 10, 50, 'augmented_forman', -0.529, 0.923)
) as published (
    dataset,
    width,
    depth,
    k,
    curvature,
    published_mean_local_coefficient,
    published_share_negative
);
