-- title:   Every layer score of a network at one k, and those of a user at any k, along depth
-- source:  geoflow
-- grain:   one row per (score, keys, layer) of one network
-- parameters:
--   network_id  key of a network
--   convention  how neighbours become edges
--   k           number of neighbours
select
    l.score,
    score_label(
        null, l.curvature, l.alpha, if(s.is_own, l.convention, null), if(s.is_own, l.k, null), l.points,
        l.radius
    ) as variant,
    l.layer,
    l.value
from layer_scores as l
join scores as s on s.name = l.score and s.level = 'layer'
where
    l.network_id = $network_id
    and (s.is_own or coalesce(l.k, $k) = $k and coalesce(l.convention, $convention) = $convention)
order by l.score, variant, l.layer;
