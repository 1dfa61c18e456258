-- title:   When to stop training by the local coefficient
-- formula: epoch of the first least mean local coefficient, as one finds it that stops after `patience`
--          snapshots in a row without a new least one
-- source:  Hehl, von Renesse, Weber 2025, in our reading; it marks the knee of the accuracy
-- grain:   one row per (network, k, convention, curvature, alpha, end, patience), of networks with snapshots
-- columns:
--   network, study, dataset, width, depth, k, convention, curvature, alpha, end
--   patience                snapshots in a row without a new least mean after which one stops
--   n_snapshots             snapshots with a mean local coefficient, the end of training included
--   epoch                   the epoch that is chosen
--   mean_local_coefficient  its mean local coefficient
--   test_accuracy           test accuracy at this epoch
--   best_epoch              first epoch of the best test accuracy
--   best_accuracy           best test accuracy of all snapshots
--   final_accuracy          test accuracy at the end of the training
create or replace view early_stopping as
with series as (
    select
        final_id,
        network,
        study,
        dataset,
        width,
        depth,
        k,
        convention,
        curvature,
        alpha,
        "end",
        epoch,
        mean_local_coefficient as mean_,
        test_accuracy,
        row_number() over training as place,
        coalesce(
            mean_local_coefficient < min(mean_local_coefficient) over (
                partition by final_id, k, convention, curvature, alpha, "end" order by epoch
                rows between unbounded preceding and 1 preceding
            ),
            true
        ) as is_least
    from local_training_coefficients
    where epoch is not null and mean_local_coefficient is not null
    window training as (partition by final_id, k, convention, curvature, alpha, "end" order by epoch)
),
marked as (
    select
        *,
        max(case when is_least then place end) over (
            partition by final_id, k, convention, curvature, alpha, "end" order by epoch
        ) as least_at
    from series
),
stopped as (
    select
        m.final_id,
        m.k,
        m.convention,
        m.curvature,
        m.alpha,
        m.end,
        p.patience,
        max_by(m.least_at, m.place) filter (
            where m.place <= coalesce(s.stop_at, m.place)
        ) as chosen_at
    from marked as m
    cross join (values (1), (2), (3), (5)) as p (patience)
    left join (
        select x.final_id, x.k, x.convention, x.curvature, x.alpha, x.end, y.patience, min(x.place) as stop_at
        from marked as x
        join (values (1), (2), (3), (5)) as y (patience) on x.place - x.least_at >= y.patience
        group by all
    ) as s
        on s.final_id = m.final_id
        and s.k = m.k
        and s.convention = m.convention
        and s.curvature = m.curvature
        and s.alpha is not distinct from m.alpha
        and s.end = m.end
        and s.patience = p.patience
    group by all
),
accuracies as (
    select
        final_id,
        arg_max(epoch, test_accuracy order by epoch) as best_epoch,
        max(test_accuracy) as best_accuracy,
        any_value(test_accuracy) filter (where is_final) as final_accuracy
    from snapshot_labels
    where epoch is not null
    group by final_id
)
select
    any_value(m.network) as network,
    any_value(m.study) as study,
    any_value(m.dataset) as dataset,
    any_value(m.width) as width,
    any_value(m.depth) as depth,
    m.k,
    m.convention,
    m.curvature,
    m.alpha,
    m.end,
    t.patience,
    count(*) as n_snapshots,
    any_value(m.epoch) filter (where m.place = t.chosen_at) as epoch,
    any_value(m.mean_) filter (where m.place = t.chosen_at) as mean_local_coefficient,
    any_value(m.test_accuracy) filter (where m.place = t.chosen_at) as test_accuracy,
    any_value(a.best_epoch) as best_epoch,
    any_value(a.best_accuracy) as best_accuracy,
    any_value(a.final_accuracy) as final_accuracy
from marked as m
join stopped as t
    on t.final_id = m.final_id
    and t.k = m.k
    and t.convention = m.convention
    and t.curvature = m.curvature
    and t.alpha is not distinct from m.alpha
    and t.end = m.end
join accuracies as a on a.final_id = m.final_id
group by m.final_id, m.k, m.convention, m.curvature, m.alpha, m.end, t.patience
having count(*) > 1;
