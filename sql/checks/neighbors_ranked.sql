-- title:   Neighbours are ranked without gaps, by distance, without the point itself
-- source:  geoflow
-- grain:   one row per (layer, point) whose ranking is broken, or per layer that lacks a point
with step as (
    select
        layer_id,
        point,
        rank,
        n_tied,
        neighbor,
        distance,
        lag(distance, 1, 0) over w as nearer,
        lag(neighbor, 1, -1) over w as before,
        lag(n_tied, 1, -1) over w as tied_before
    from neighbors
    window w as (partition by layer_id, point order by rank)
)
select s.layer_id, s.point, count(*) as n_neighbors, max(s.rank) as last_rank
from step as s
join layers as l using (layer_id)
group by s.layer_id, s.point, l.store_rank, l.n_points
having max(s.rank) <> count(*)
    or count(distinct s.neighbor) <> count(*)
    or max(s.rank) < l.store_rank
    or bool_or(
        s.neighbor = s.point
        or s.neighbor not between 0 and l.n_points - 1
        or s.distance < s.nearer
        or s.n_tied not in (0, s.tied_before + 1)
        or (s.n_tied > 0 and (s.distance > s.nearer or s.before > s.neighbor))
    )
union all
select l.layer_id, null, count(distinct n.point), null
from layers as l
left join neighbors as n using (layer_id)
where l.store_rank > 0
group by l.layer_id, l.n_points
having count(distinct n.point) <> l.n_points
