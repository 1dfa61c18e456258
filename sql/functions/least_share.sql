-- title:   Least share of the accurate networks of a kind that must be pooled at a k for it to be chosen
-- source:  geoflow: at a k that leaves few networks connected, an aggregated coefficient is that of the few
-- grain:   scalar
-- example: select least_share()
create or replace macro least_share() as 0.5::double;
