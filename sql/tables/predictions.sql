-- title:   What a network says of each test point
-- formula: margin = logit of the true class - largest other logit; the other logit of a network with
--          one output is 0
-- source:  geoflow
-- grain:   one row per (network, point), for networks kept at detail nodes or more
-- columns:
--   network_id  network
--   point       point
--   predicted   class the network gives it
--   margin      positive if it is right, NULL where logits are not known
create table predictions (
    network_id integer not null,
    point integer not null,
    predicted integer not null,
    margin float
);
