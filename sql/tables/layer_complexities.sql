-- title:   Local complexity of layers
-- formula: mean over points x of the neurons whose pre-activation changes sign over the frame x +- r u_p
-- source:  Humayun et al., arXiv 2402.15555
-- grain:   one row per (network, hidden layer, radius, kind of points)
-- columns:
--   network_id            network
--   layer                 hidden layer, from 1
--   radius                radius r of the frame, in the unit of the input
--   points                around which: train, test, or random (uniform in the box of the training points)
--   n_points              how many of them
--   n_directions          directions u_p of the frame
--   complexity            mean number of neurons that switch
--   complexity_deviation  standard deviation of that number over the points
create table layer_complexities (
    network_id integer not null,
    layer integer not null,
    radius double not null,
    points varchar not null check (points in ('train', 'test', 'random')),
    n_points integer not null,
    n_directions integer not null,
    complexity double not null,
    complexity_deviation double not null
);
