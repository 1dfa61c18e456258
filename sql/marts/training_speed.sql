-- title:   How fast and how straight training was
-- formula: path_ratio = path_length / chord; training_time T = learning rate x steps; time_limit T_SL =
--          chord^2 / (first_loss - last_loss); inefficiency = T / T_SL, about 1 at least for small steps
-- source:  Seroussi et al., arXiv 2307.14653
-- grain:   one row per network trained with transport geometry
-- columns:
--   network_id    network
--   network       name of the network
--   study         study
--   dataset       name of the data set
--   n_steps       steps of the optimizer
--   path_length   length of the path of all weights
--   chord         distance of its ends
--   path_ratio    path over chord, 1 = straight; NULL if the weights ended where they began
--   first_loss    training loss before the first step
--   last_loss     training loss after the last step
--   training_time learning rate x steps; NULL unless full-batch gradient descent without momentum
--   time_limit    least time of a gradient flow to the same weights, NULL likewise or if the loss did not fall
--   inefficiency  training_time over time_limit
--   reason        why there is no speed limit
create or replace view training_speed as
with known as (
    select
        p.*,
        n.learning_rate * p.n_steps as time,
        p.is_full_batch and n.optimizer = 'sgd' and n.decay = 0 as is_gradient_descent,
        p.first_loss - p.last_loss as fall
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
    case when k.chord > 0 then greatest(1.0, k.path_length / k.chord) end as path_ratio,
    k.first_loss,
    k.last_loss,
    case when k.is_gradient_descent then k.time end as training_time,
    case when k.is_gradient_descent and k.fall > 0 then k.chord * k.chord / k.fall end as time_limit,
    case
        when k.is_gradient_descent and k.fall > 0 and k.chord > 0 then k.time * k.fall / (k.chord * k.chord)
    end as inefficiency,
    case
        when not k.is_gradient_descent then 'not full-batch gradient descent'
        when not k.fall > 0 then 'the loss did not fall'
        when k.chord = 0 then 'the weights did not move'
    end as reason
from known as k
join network_labels as l on l.network_id = k.network_id;
