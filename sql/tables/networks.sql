-- title:   Networks
-- source:  geoflow; recipe of Baptista et al. 2024, Methods
-- grain:   one row per trained or ingested network, and per snapshot of one before its last epoch
-- columns:
--   network_id          key
--   name                name of the network, unique in the store; a snapshot of X after e epochs is X@e
--   study               study it belongs to; 'ingest' for ingested arrays
--   dataset_id          data set
--   run_id              run that wrote it
--   final_id            network whose snapshot this is, at the end of its training; NULL if it is none
--   family              plain, residual, dense or fractional: which earlier layers a layer sees; NULL if not known
--   width               name of the widths: narrow, wide, bottleneck or the list itself
--   widths              units of each hidden layer
--   depth               hidden layers L
--   activation          relu; NULL if not known
--   batch_norm          whether pre-activations are normalised over the batch; NULL if not known
--   memory_order        gamma of a fractional network, in (0, 1]; NULL for other families
--   optimizer           rmsprop, sgd or adam; NULL for ingested networks, as all of the recipe
--   learning_rate       step size
--   decay               of the running mean of squares (rmsprop), momentum (sgd), beta_1 (adam)
--   epsilon             added to the running mean of squares v, or to its root
--   epsilon_inside      whether steps are g / sqrt(v + epsilon), else g / (sqrt(v) + epsilon); NULL for sgd
--   weight_decay        L2 penalty
--   epochs              passes over the training rows; of a snapshot, those before it
--   batch_size          rows in a step
--   initialisation      glorot: Glorot-uniform weights, no biases; torch: weights and biases of torch's Linear
--   until_accuracy      training ended after the first epoch with this training accuracy; NULL: after its last epoch
--   stopped_at          the epoch at which it had this accuracy, NULL if it never had or it was not asked
--   validation_rows     tail of the training rows that training did not see
--   shuffled_labels     whether its training labels were a random permutation: a control
--   seed                seed of its weights and of its batch order
--   replica             number of the network among those of its study, data set and widths
--   train_accuracy      share of training rows classified correctly
--   test_accuracy       share of test points classified correctly
--   train_loss          mean cross-entropy on the training rows
--   test_loss           mean cross-entropy on the test points
--   accuracy_threshold  the network counts as accurate if test_accuracy > accuracy_threshold
--   seconds             training time of its ensemble divided by the networks in it
--   status              trained, ingested or failed
--   reason              why it failed, else NULL
--   request             what was measured of it, as JSON: k, convention, detail, curvatures, transport, snapshots, scores; NULL if written before this was kept
create table networks (
    network_id integer primary key,
    name varchar not null unique,
    study varchar not null,
    dataset_id integer not null references datasets (dataset_id),
    run_id integer not null,
    final_id integer,
    family varchar,
    width varchar not null,
    widths integer[] not null,
    depth integer not null,
    activation varchar,
    batch_norm boolean,
    memory_order double,
    optimizer varchar check (optimizer in ('rmsprop', 'sgd', 'adam')),
    learning_rate double,
    decay double,
    epsilon double,
    epsilon_inside boolean,
    weight_decay double,
    epochs integer,
    batch_size integer,
    initialisation varchar check (initialisation in ('glorot', 'torch')),
    until_accuracy double,
    stopped_at integer,
    validation_rows integer,
    shuffled_labels boolean,
    seed bigint,
    replica integer,
    train_accuracy double,
    test_accuracy double,
    train_loss double,
    test_loss double,
    accuracy_threshold double,
    seconds double,
    status varchar not null check (status in ('trained', 'ingested', 'failed')),
    reason varchar,
    request varchar
);
