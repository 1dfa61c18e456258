-- title:   Why neighbours beyond a rank are not known
-- source:  geoflow
-- grain:   scalar
-- example: select rank_reason(10, 20)
create or replace macro rank_reason(store_rank, k) as
    format('neighbours are kept up to rank {}: --store-rank {} keeps enough', store_rank, k);
