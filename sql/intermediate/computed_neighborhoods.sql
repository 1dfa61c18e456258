-- title:   What the k nearest neighbours say of a layer, computed anew: `neighborhoods` keeps it
-- formula: 1 / ml_dimension = (k m_k - sum_{j <= k} m_j) / (k - 1), m_j the mean of ln r_j over the points with r_1 > 0,
--          which is the mean over these of 1 / (k - 1) sum_{j < k} ln(r_k / r_j); label_overlap = mean over the ranks
--          up to k of the share of neighbours of that rank which have the class of their point
-- source:  Levina, Bickel 2005, with the mean of inverses of MacKay, Ghahramani 2005; Doimo et al. 2020 (label overlap)
-- grain:   one row per (layer, k), k those of `measured_neighborhoods` up to the rank that is kept
-- columns:
--   layer_id       layer
--   k
--   n_zero         points with a copy: left out of the dimension
--   n_tied         points whose neighbour k + 1 is as far as neighbour k: which of them counts, their index decides
--   ml_dimension   intrinsic dimension, NULL for k = 1, or where no point or no ratio of distances is left
--   label_overlap  share of neighbours of the same class, NULL without labels
create or replace view computed_neighborhoods as
with copied as (
    select layer_id, point from neighbors where rank = 1 and distance = 0
),
ranked as (
    select
        n.layer_id,
        n.rank,
        count(c.point) as n_zero,
        avg(case when c.point is null and n.distance > 0 then ln(n.distance::double) end) as mean_log,
        count(*) filter (a.label = b.label) as n_same,
        count(a.label) as n_labelled,
        count(*) filter (n.n_tied > 0) as n_tied
    from neighbors as n
    join layers as l on l.layer_id = n.layer_id and n.rank <= l.store_rank + 1
    left join copied as c on c.layer_id = n.layer_id and c.point = n.point
    left join samples as a on a.dataset_id = l.dataset_id and a.point = n.point
    left join samples as b on b.dataset_id = l.dataset_id and b.point = n.neighbor
    group by n.layer_id, n.rank
),
summed as (
    select
        layer_id,
        rank as k,
        n_zero,
        coalesce(lead(n_tied) over path, 0) as n_tied,
        (rank * mean_log - sum(mean_log) over path) / nullif(rank - 1, 0) as inverse,
        sum(n_same) over path / nullif(rank * n_labelled, 0) as label_overlap
    from ranked
    window path as (partition by layer_id order by rank)
),
asked as (
    select distinct nl.layer_id, m.k
    from network_layers as nl
    join measured_neighborhoods as m on m.network_id = nl.network_id and m.k <= nl.store_rank
)
select
    s.layer_id,
    s.k,
    s.n_zero,
    s.n_tied,
    case when s.inverse > 1e-12 then 1 / s.inverse end as ml_dimension,
    s.label_overlap
from summed as s
join asked as w on w.layer_id = s.layer_id and w.k = s.k;
