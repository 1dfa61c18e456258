-- The tables of schema version 3, as geoflow made them: a store of before for the tests of migrations.
create table datasets (
    dataset_id integer primary key,
    name varchar not null,
    source varchar not null,
    seed bigint,
    scale varchar check (scale in ('unit', 'raw')),
    options varchar not null,
    n_train integer,
    n_test integer not null,
    n_features integer not null,
    n_classes integer,
    classes varchar[],
    fingerprint varchar not null,
    unique (name, fingerprint)
);
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
    weight_decay double,
    epochs integer,
    batch_size integer,
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
    reason varchar
);
create table layers (
    layer_id integer primary key,
    dataset_id integer not null references datasets (dataset_id),
    network_id integer references networks (network_id),
    layer integer not null,
    width integer not null,
    n_points integer not null,
    n_distinct integer not null,
    store_rank integer not null,
    check ((layer = 0) = (network_id is null))
);
create table class_curvatures (
    network_id integer not null,
    layer integer not null,
    k integer not null,
    convention varchar not null check (convention in ('union', 'mutual')),
    curvature varchar not null,
    alpha double,
    points varchar not null check (points in ('all', 'correct')),
    n_within bigint not null,
    mean_within double,
    variance_within double,
    n_between bigint not null,
    mean_between double,
    variance_between double
);
create table class_edges (
    graph_id integer not null,
    label integer not null,
    n_points integer not null,
    n_edges_within bigint not null,
    degree_sum bigint not null
);
create table communities (
    graph_id integer not null,
    point integer not null,
    community integer not null
);
create table community_agreement (
    graph_id integer not null,
    n_communities integer not null,
    leiden_modularity double,
    adjusted_rand double,
    normalized_mutual_information double
);
create table edge_curvatures (
    graph_id integer not null,
    curvature varchar not null,
    alpha double,
    source integer not null,
    target integer not null,
    value double not null
);
create table expansions (
    network_id integer not null,
    layer integer not null,
    k integer not null,
    convention varchar not null check (convention in ('union', 'mutual')),
    point integer not null,
    n_neighbors integer not null,
    n_unreachable integer not null,
    hop_sum bigint not null
);
create table failed_cells (
    study varchar not null,
    dataset varchar not null,
    width varchar not null,
    depth integer not null,
    n_networks integer not null,
    reason varchar not null,
    run_id integer not null,
    primary key (study, dataset, width, depth)
);
create table geodesics (
    graph_id integer not null,
    point_a integer not null,
    point_b integer not null,
    hops integer
);
create table graphs (
    graph_id integer primary key,
    layer_id integer not null,
    k integer not null,
    convention varchar not null check (convention in ('directed', 'union', 'mutual')),
    detail varchar not null check (detail in ('graphs', 'nodes', 'edges', 'pairs')),
    curvatures varchar[] not null,
    n_edges bigint not null,
    n_components integer not null,
    is_connected boolean not null,
    total_forman bigint not null,
    total_geodesic bigint,
    total_geodesic_error double,
    n_sources integer not null,
    diameter integer,
    min_degree integer not null,
    max_degree integer not null,
    degree_skewness double,
    unique (layer_id, k, convention)
);
create table hop_counts (
    graph_id integer not null,
    hops integer not null,
    n_pairs bigint not null
);
create table layer_affinities (
    network_id integer not null,
    layer integer not null,
    affinity_score double,
    reason varchar
);
create table layer_complexities (
    network_id integer not null,
    layer integer not null,
    radius double not null,
    points varchar not null check (points in ('train', 'test', 'random')),
    n_points integer not null,
    n_directions integer not null,
    complexity double not null,
    complexity_deviation double not null
);
create table neighbors (
    layer_id integer not null,
    point integer not null,
    rank integer not null,
    n_tied integer not null,
    neighbor integer not null,
    distance float not null
);
create table nodes (
    graph_id integer not null,
    point integer not null,
    degree integer not null,
    out_degree integer,
    forman_sum bigint not null,
    geodesic_sum bigint,
    eccentricity integer,
    component integer not null
);
create table point_complexities (
    network_id integer not null,
    layer integer not null,
    radius double not null,
    points varchar not null check (points in ('train', 'test', 'random')),
    point integer not null,
    complexity integer not null
);
create table point_curvatures (
    graph_id integer not null,
    curvature varchar not null,
    alpha double,
    point integer not null,
    mean_curvature double
);
create table point_tracks (
    network_id integer not null,
    point integer not null,
    n_steps integer not null,
    line_shape_score float,
    path_length float not null,
    displacement float not null,
    is_optimal boolean not null,
    reason varchar
);
create table predictions (
    network_id integer not null,
    point integer not null,
    predicted integer not null,
    margin float
);
create table regression_terms (
    study varchar not null,
    convention varchar not null,
    start varchar not null,
    coefficient varchar not null,
    term varchar not null,
    estimate double not null,
    standard_error double not null,
    t double not null,
    p double not null,
    n integer not null,
    r_squared double not null,
    primary key (study, convention, start, coefficient, term)
);
create table runs (
    run_id integer primary key,
    command varchar not null,
    geoflow_version varchar not null,
    git_hash varchar,
    libraries varchar not null,
    machine varchar not null,
    pid integer not null,
    seed bigint,
    started timestamp not null,
    finished timestamp not null,
    status varchar not null check (status in ('running', 'finished', 'failed', 'interrupted'))
);
create table samples (
    dataset_id integer not null,
    point integer not null,
    label integer
);
create table store_info (
    schema_version integer not null,
    geoflow_version varchar not null,
    sql_fingerprint varchar not null
);
create table transport_steps (
    network_id integer not null,
    layer integer not null,
    method varchar,
    regularisation double,
    w2 double,
    rms_displacement double,
    ot_score double,
    transport_efficiency double,
    relative_displacement double,
    mean_turning_angle double,
    reason varchar
);
create table transport_tracks (
    network_id integer not null,
    first_layer integer not null,
    last_layer integer not null,
    n_steps integer,
    n_points integer,
    n_defined integer,
    line_shape_score double,
    method varchar,
    regularisation double,
    w2 double,
    rms_displacement double,
    ot_score double,
    transport_efficiency double,
    relative_displacement double,
    w2_path_length double,
    w2_geodesic_length double,
    reason varchar
);
create table weight_paths (
    network_id integer not null,
    n_steps integer not null,
    path_length double not null,
    chord double not null,
    first_loss double not null,
    last_loss double not null,
    is_full_batch boolean not null
);
