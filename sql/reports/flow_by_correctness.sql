-- title:   Are misclassified points those without Ricci flow?
-- formula: of correct and of misclassified points: mean local coefficient, share with none below 0
-- source:  geoflow; local coefficient of Hehl, von Renesse, Weber 2025
-- grain:   one row per (study, data set, width, depth, k, convention, curvature, alpha, end)
-- columns:
--   study, dataset_id, dataset, width, depth, k, convention, curvature, alpha, end
--   n_networks               networks
--   n_correct                points classified correctly that have a coefficient, all networks together
--   n_wrong                  misclassified points that have one
--   mean_correct             mean local coefficient of the points classified correctly
--   mean_wrong               mean local coefficient of misclassified points, NULL if there are none
--   share_no_flow_correct    share of the points classified correctly whose coefficient is not negative
--   share_no_flow_wrong      share of misclassified points whose coefficient is not negative, NULL if there are none
--   margin_correlation       correlation of local coefficient and margin over points, NULL if a side is constant
create or replace view flow_by_correctness as
with points as (
    select c.*, n.dataset_id
    from local_ricci_coefficients as c
    join network_labels as n on n.network_id = c.network_id
    where c.is_correct is not null and c.local_coefficient is not null
)
select
    study,
    dataset_id,
    dataset,
    width,
    depth,
    k,
    convention,
    curvature,
    alpha,
    "end",
    count(distinct network_id) as n_networks,
    count(*) filter (where is_correct) as n_correct,
    count(*) filter (where not is_correct) as n_wrong,
    avg(local_coefficient) filter (where is_correct) as mean_correct,
    avg(local_coefficient) filter (where not is_correct) as mean_wrong,
    1 - share_below(if(is_correct, local_coefficient, null), 0) as share_no_flow_correct,
    1 - share_below(if(is_correct, null, local_coefficient), 0) as share_no_flow_wrong,
    safe_corr(local_coefficient, margin) as margin_correlation
from points
group by all;
