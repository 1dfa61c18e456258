-- title:   Local complexity around single points
-- formula: neurons z whose sign(z), -1, 0 or 1, differs on the frame x +- r u_p of a point x
-- source:  Humayun et al., arXiv 2402.15555
-- grain:   one row per (network, hidden layer, radius, kind of points, point), for networks kept at detail nodes or more
-- columns:
--   network_id  network
--   layer       hidden layer, from 1
--   radius      radius r of the frame, in the unit of the input
--   points      around which: train, test, or random (uniform in the box of the training points)
--   point       test: the point of `samples`; train: the training row, from 0; random: its number, from 0
--   complexity  number of neurons that switch; NULL if written before a 0 was told from a positive number
--   crossings   number of neurons that are on both sides of 0, at most the complexity
create table point_complexities (
    network_id integer not null,
    layer integer not null,
    radius double not null,
    points varchar not null check (points in ('train', 'test', 'random')),
    point integer not null,
    complexity integer,
    crossings integer
);
