-- title:   The headline of a study beside that of the paper, number by number
-- formula: the columns of `study_headline` and `published_headline`; t and p of z_paper in
--          `accuracy_association`
-- source:  Baptista et al. 2024, section 4 and Table S2
-- grain:   one row per (study, convention, start, end, quantity)
-- columns:
--   study, convention, start, end
--   position   where the quantity stands in the list
--   quantity   what is counted
--   value      of the study, NULL if not known
--   published  of the paper; NULL if it has none, or none of the study's data sets, or for input or output
create or replace view headline_comparison as
select
    h.study,
    h.convention,
    h.start,
    h.end,
    unnest(range(1, 11)) as position,
    unnest([
        'networks', 'below threshold', 'accurate', 'disconnected at the optimal k', 'reported',
        'negative', 'share negative', 'share negative, k chosen on the other half',
        't of the coefficient', 'p'
    ]) as quantity,
    unnest([
        h.n_networks, h.n_below_threshold, h.n_accurate, h.n_disconnected, h.n_reported,
        h.n_negative, h.share_negative, h.split_half_share_negative, a.t, a.p
    ]) as value,
    unnest([
        p.n_networks, p.n_below_threshold, p.n_accurate, p.n_disconnected, p.n_reported,
        p.n_negative, p.share_negative, null, p.t, p.p
    ])::double as published
from study_headline as h
left join published_headline as p
    on h.start = 'hidden'
    and h.end = 'hidden'
    and h.study in (
        select n.study
        from network_labels as n
        where n.dataset in (select dataset from published_coefficients)
    )
left join accuracy_association as a
    on a.study = h.study
    and a.convention = h.convention
    and a.start = h.start
    and a.end = h.end
    and a.outcome = 'test_accuracy'
    and a.sample = 'all'
    and a.coefficient = 'z_paper';
