-- title:   The catalogue of scores: those of geoflow, and those that users have added to this store
-- source:  geoflow
-- grain:   one row per (name, level)
-- columns:
--   name    name of the score
--   level   network, layer, pair or point: which view has it
--   formula, source, low, high
--   is_own  whether a user has added it
create or replace view scores as
with built_in (name, level, formula, source, low, high) as (values
{built-in scores}
)
select name, level, formula, source, low::double as low, high::double as high, false as is_own
from built_in
union all
select distinct score, level, formula, source, low, high, true
from own_scores;
