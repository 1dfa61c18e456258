-- title:   How fast and how straight training was
-- formula: path_ratio = path_length / chord; training_time T = learning rate x steps; time_limit T_SL =
--          chord^2 / (first_loss - last_loss); inefficiency = T / T_SL, about 1 at least for small steps
-- source:  Seroussi et al., arXiv 2307.14653
-- grain:   one row per network trained with transport geometry
-- columns:
--   network_id, network, study, dataset, n_steps, path_length, chord
--   path_ratio    path over chord, 1 = straight; NULL if the weights ended where they began
--   first_loss, last_loss
--   training_time learning rate x steps; NULL unless full-batch gradient descent, no momentum, weight decay, batch norm
--   time_limit    least time of a gradient flow to the same weights, NULL likewise or if the loss did not fall
--   inefficiency  training_time over time_limit
--   reason        why there is no inefficiency or path ratio
create or replace view training_speed as
with known as (
    select
        p.*,
        n.learning_rate * p.n_steps as time,
        coalesce(
            p.is_full_batch and n.optimizer = 'sgd' and n.decay = 0 and n.weight_decay = 0
            and n.batch_norm is not true, -- the loss is that of the running numbers, the descent of the batch's
            false
        ) as is_gradient_descent, -- with weight decay it descends another function than the loss
        p.first_loss - p.last_loss as fall,
        length_ratio(p.path_length, p.chord) as path_ratio,
        p.chord * (p.chord / nullif(p.first_loss - p.last_loss, 0)) as limit_of_flow
    from weight_paths as p
    join networks as n on n.network_id = p.network_id
)
select
    k.network_id,
    l.network,
    l.study,
    l.dataset,
    k.n_steps,
    k.path_length,
    k.chord,
    k.path_ratio,
    k.first_loss,
    k.last_loss,
    case when k.is_gradient_descent then k.time end as training_time,
    case
        when k.is_gradient_descent and k.fall > 0 and isfinite(k.limit_of_flow) then k.limit_of_flow
    end as time_limit,
    case
        when k.is_gradient_descent and k.fall > 0 and isfinite(k.limit_of_flow) and k.limit_of_flow > 1e-300 * k.time
            then k.time / k.limit_of_flow
    end as inefficiency,
    case
        when k.path_length = 0 then 'the weights did not move'
        when k.path_ratio is null then 'the weights ended where they began'
        when not k.is_gradient_descent then 'not full-batch gradient descent without momentum, weight decay or batch norm'
        when not k.fall > 0 then 'the loss did not fall'
        when not isfinite(k.limit_of_flow) then 'the loss hardly fell'
        when k.limit_of_flow <= 1e-300 * k.time then 'the weights hardly moved'
    end as reason
from known as k
join network_labels as l on l.network_id = k.network_id;
