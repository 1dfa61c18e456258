-- title:   The paper's aggregated coefficients, read off its Figure 3 (+-0.01), part of its cells
-- source:  Baptista et al. 2024, Figure 3, digitised
-- grain:   one row per (data set, width, depth, k)
-- columns:
--   dataset                 name of the data set
--   width                   name of the widths
--   depth                   hidden layers L
--   k                       number of neighbours
--   published_coefficient   aggregated Ricci coefficient of the paper
--   published_optimal_k     k that the paper boxes as optimal for these networks
create or replace view published_coefficients as
with k_list (dataset, k) as (values
    ('synthetic_a', [6, 7, 9, 10, 15, 18, 20, 30, 50, 90, 100, 120, 140, 150, 160, 180, 200]),
    ('mnist_1v7', [10, 20, 30, 50, 90, 100, 120, 150, 250, 350, 500]),
    ('fashion_sandal_v_boot', [10, 20, 30, 50, 90, 100, 120, 150, 250, 350, 500])
),
cell (dataset, width, depth, published_optimal_k, coefficient) as (values
    ('synthetic_a', 'narrow', 5, 30, [
        -0.04, -0.01, -0.03, -0.09, -0.16, -0.24, -0.31, -0.38, -0.35, -0.26, -0.24, -0.16, -0.12, -0.13, -0.17, -0.25, -0.31
    ]),
    ('synthetic_a', 'narrow', 11, 100, [
        -0.05, -0.03, -0.11, -0.09, -0.17, -0.22, -0.23, -0.28, -0.30, -0.32, -0.34, -0.32, -0.21, -0.17, -0.17, -0.20, -0.24
    ]),
    ('synthetic_a', 'wide', 5, 30, [
        0.11, 0.23, 0.05, 0.06, -0.05, -0.08, -0.16, -0.40, -0.37, -0.39, -0.35, -0.03, 0.22, 0.23, 0.18, -0.00, -0.20
    ]),
    ('synthetic_a', 'wide', 11, 90, [
        0.00, 0.02, 0.00, 0.00, -0.05, -0.12, -0.13, -0.22, -0.27, -0.28, -0.26, -0.25, -0.03, 0.02, 0.00, -0.13, -0.26
    ]),
    ('synthetic_a', 'bottleneck', 5, 50, [
        0.13, 0.15, 0.09, 0.13, -0.10, -0.13, -0.12, -0.37, -0.52, -0.43, -0.38, -0.13, 0.12, 0.14, 0.12, -0.02, -0.14
    ]),
    ('synthetic_a', 'bottleneck', 11, 100, [
        0.09, -0.08, 0.02, 0.02, -0.01, -0.08, -0.10, -0.19, -0.27, -0.32, -0.33, -0.29, -0.09, -0.04, -0.07, -0.18, -0.30
    ]),
    ('mnist_1v7', 'narrow', 5, 500, [0.59, 0.65, 0.69, 0.71, 0.66, 0.65, 0.63, 0.54, -0.03, -0.52, -0.54]),
    ('mnist_1v7', 'narrow', 11, 350, [0.08, -0.11, -0.20, -0.30, -0.43, -0.45, -0.49, -0.54, -0.69, -0.78, -0.57]),
    ('mnist_1v7', 'wide', 5, 350, [0.74, 0.72, 0.71, 0.66, 0.50, 0.46, 0.35, 0.15, -0.49, -0.77, -0.31]),
    ('mnist_1v7', 'wide', 11, 350, [0.10, -0.14, -0.25, -0.38, -0.51, -0.53, -0.57, -0.63, -0.77, -0.85, -0.55]),
    ('mnist_1v7', 'bottleneck', 5, 350, [0.72, 0.73, 0.73, 0.65, 0.45, 0.39, 0.27, 0.06, -0.49, -0.76, -0.48]),
    ('mnist_1v7', 'bottleneck', 11, 350, [0.04, -0.16, -0.25, -0.37, -0.51, -0.53, -0.57, -0.63, -0.77, -0.85, -0.57]),
    ('fashion_sandal_v_boot', 'narrow', 5, 500, [0.36, 0.36, 0.31, 0.26, 0.18, 0.16, 0.12, 0.08, -0.11, -0.26, -0.44]),
    ('fashion_sandal_v_boot', 'narrow', 11, 350, [
        0.04, -0.02, -0.07, -0.15, -0.23, -0.23, -0.24, -0.25, -0.26, -0.28, -0.25
    ]),
    ('fashion_sandal_v_boot', 'wide', 5, 500, [0.47, 0.42, 0.39, 0.33, 0.22, 0.21, 0.16, 0.11, -0.07, -0.22, -0.42]),
    ('fashion_sandal_v_boot', 'wide', 11, 350, [
        0.09, 0.01, -0.07, -0.16, -0.27, -0.29, -0.31, -0.34, -0.38, -0.38, -0.26
    ]),
    ('fashion_sandal_v_boot', 'bottleneck', 5, 500, [
        0.16, 0.15, 0.15, 0.11, 0.07, 0.06, 0.03, 0.01, -0.10, -0.19, -0.26
    ]),
    ('fashion_sandal_v_boot', 'bottleneck', 11, 250, [
        0.04, -0.02, -0.07, -0.16, -0.26, -0.28, -0.30, -0.33, -0.37, -0.37, -0.29
    ])
)
select
    c.dataset,
    c.width,
    c.depth,
    unnest(l.k) as k,
    unnest(c.coefficient)::double as published_coefficient,
    c.published_optimal_k
from cell as c
join k_list as l on l.dataset = c.dataset;
