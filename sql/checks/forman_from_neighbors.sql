-- title:   Forman curvature recomputed from the neighbours equals the stored total
-- formula: Ric = sum over edges of 4 - deg i - deg j
-- source:  Forman 2003; Baptista et al. 2024, Eq. 3
-- grain:   one row per graph whose edges or total differ, for k <= store_rank
with recomputed as (
    select graph_id, count(*) as n_edges, sum(forman) as total_forman
    from edges
    group by graph_id
)
select
    g.graph_id,
    g.n_edges,
    coalesce(r.n_edges, 0) as n_edges_recomputed,
    g.total_forman,
    coalesce(r.total_forman, 0) as total_forman_recomputed
from graphs as g
join layers as l on l.layer_id = g.layer_id and g.k <= l.store_rank
left join recomputed as r on r.graph_id = g.graph_id
where g.n_edges <> coalesce(r.n_edges, 0) or g.total_forman <> coalesce(r.total_forman, 0)
