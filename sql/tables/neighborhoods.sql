-- title:   What the k nearest neighbours say of a layer: its dimension, and whether they are of one class
-- formula: 1 / ml_dimension = mean over points of 1 / (k - 1) sum_{j < k} ln(r_k / r_j), points with r_1 = 0 left out;
--          label_overlap = mean over points of the share of their class among their k neighbours
-- source:  Levina, Bickel 2005, with the mean of inverses of MacKay, Ghahramani 2005; Doimo et al. 2020 (label overlap)
-- grain:   one row per (layer, k), k those of `measured_neighborhoods` up to the rank that is kept
-- columns:
--   layer_id       layer
--   k              number of neighbours
--   n_zero         points with a copy: left out of the dimension
--   n_tied         points whose neighbour k + 1 is as far as neighbour k: which of them counts, their index decides
--   ml_dimension   intrinsic dimension, NULL for k = 1, or where no point or no ratio of distances is left
--   label_overlap  share of neighbours of the same class, NULL without labels
create table neighborhoods (
    layer_id integer not null,
    k integer not null,
    n_zero bigint not null,
    n_tied bigint not null,
    ml_dimension double,
    label_overlap double
);
