-- title:   Local complexity of layers
-- formula: complexity = mean over points x of the neurons z whose sign(z), -1, 0 or 1, differs on the frame x +- r u_p;
--          crossings = mean number of those with z < 0 somewhere on it and z > 0 elsewhere
-- source:  Humayun et al., arXiv 2402.15555
-- grain:   one row per (network, hidden layer, radius, kind of points)
-- columns:
--   network_id            network
--   layer                 hidden layer, from 1
--   radius                radius r of the frame, in the unit of the input
--   points                around which: train, test, or random (uniform in the box of the training points)
--   n_points              how many of them
--   n_directions          directions u_p of the frame
--   complexity            mean number of neurons that switch; NULL if written before a 0 was told from a positive number
--   complexity_deviation  standard deviation of that number over the points, NULL with it
--   crossings             mean number of neurons that are on both sides of 0, at most the complexity
create table layer_complexities (
    network_id integer not null,
    layer integer not null,
    radius double not null,
    points varchar not null check (points in ('train', 'test', 'random')),
    n_points integer not null,
    n_directions integer not null,
    complexity double,
    complexity_deviation double,
    crossings double
);
