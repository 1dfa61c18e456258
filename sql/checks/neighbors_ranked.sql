-- title:   Neighbours are ranked without gaps, by distance, without the point itself
-- formula: layers are looked at in the order of their rows first, which is that of the ranks: those with no offence between
--          a row and the one before it have none; of the others every point is sorted and looked at again
-- source:  geoflow
-- grain:   one row per (layer, point) whose ranking is broken, or per layer that lacks a point
with row as (
    select
        layer_id,
        point,
        rank,
        n_tied,
        neighbor,
        distance,
        lag(layer_id) over () as layer_before,
        lag(point) over () as point_before,
        lag(rank, 1, 0) over () as rank_before,
        lag(distance) over () as nearer,
        lag(neighbor) over () as before,
        lag(n_tied) over () as tied_before
    from neighbors
),
ranking as (
    select
        layer_id,
        point,
        count(*) as n_neighbors,
        max(rank) as last_rank,
        min(neighbor) as least,
        max(neighbor) as largest,
        list_unique(list(neighbor)) as n_distinct
    from neighbors
    group by layer_id, point
),
suspect as (
    select layer_id
    from row
    where neighbor = point
        or if(
            rank = 1,
            n_tied <> 0 or distance < 0,
            rank_before <> rank - 1
            or layer_before <> layer_id
            or point_before <> point
            or distance < nearer
            or n_tied not in (0, tied_before + 1)
            or (n_tied > 0 and (distance > nearer or before > neighbor))
        )
    union
    select r.layer_id
    from ranking as r
    join layers as l using (layer_id)
    where r.last_rank <> r.n_neighbors
        or r.n_distinct <> r.n_neighbors
        or r.last_rank < l.store_rank
        or r.least < 0
        or r.largest >= l.n_points
),
step as (
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
    where layer_id in (from suspect)
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
select l.layer_id, null, count(r.point), null
from layers as l
left join ranking as r using (layer_id)
where l.store_rank > 0
group by l.layer_id, l.n_points
having count(r.point) <> l.n_points
