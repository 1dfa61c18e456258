"""A store of all that a view could mix up, built in seconds.

Two studies and a variant on one data set, with other k; two conventions, several curvatures and
alphas, snapshots; ingested networks of the data set's name with other points; a study whose width
tells its depth; networks that failed, collapsed, were not measured at the optimal k, or are torn;
a data set under two names; cells that the papers have published numbers for.
"""

from dataclasses import replace

import duckdb
import numpy as np

import geoflow
from geoflow.ingestion import ingest
from geoflow.specs import (
    DatasetSpec,
    GeometrySpec,
    Recipe,
    StudyDataset,
    StudySpec,
    TransportSpec,
    architecture,
)
from geoflow.study import run_study, train

BOTH = ("directed", "union")
CIRCLES = DatasetSpec("circles", n_train=40, n_test=40)
DISCS = DatasetSpec("inner_discs", n_train=40, n_test=40)
MOVED = TransportSpec((0.2, 1.0), n_points=20)
LOCAL = {"convention": BOTH, "curvatures": ("augmented_forman", "ollivier"), "alphas": (0.0, 0.5)}
FIVE, SIX = (architecture(width, depth) for width, depth in (("4", 5), ("5", 6)))


def kept_reach(points, others):
    return np.linalg.norm(others) / np.linalg.norm(points)


def kept_size(layers):
    return np.linalg.norm(layers[-1], axis=1)


def kept_length(layers):
    return float(len(layers))


def build_store(db, write):
    """Write the store; return its path. write: the function of the fixture of that name."""
    trained(db)
    aliased(db)
    given(db)
    few(db, write)
    published(db, write)
    changed(db)
    return db


def trained(db):
    """Variants of a study: plain and residual networks, two decays, two data sets."""
    quick = Recipe("sgd", learning_rate=0.05, decay=0.0, epochs=2, batch_size=40)
    slow = replace(quick, optimizer="adam", decay=None, weight_decay=0.01, batch_size=8)
    drawn = replace(quick, initialisation="torch", until_accuracy=0.99)
    with_transport = {"transport": MOVED, "replicas": 2}
    train(CIRCLES, FIVE, db, study="moved/plain", recipe=quick, threshold=0.3, k=(5, 8),
          snapshots=(0, 1), **with_transport, **LOCAL)  # fmt: skip
    one = {"k": 5, "convention": "union", "curvatures": ("augmented_forman",)}
    for study, recipe, data, kind in (
        ("moved/residual", quick, CIRCLES, architecture("4", 5, "residual")),
        ("moved/decayed", slow, CIRCLES, FIVE),
        ("moved/plain", quick, DISCS, FIVE),
        ("moved/plain", quick, CIRCLES, SIX),
    ):
        train(data, kind, db, study=study, recipe=recipe, **with_transport, **one)
    train(CIRCLES, FIVE, db, study="moved/drawn", recipe=drawn, snapshots=(0,), output=False,
          **with_transport, **one)  # fmt: skip
    fast = replace(quick, learning_rate=0.5, epochs=6, batch_size=8)
    train(CIRCLES, FIVE, db, study="followed", recipe=fast, snapshots=range(6), replicas=2,
          **one)  # fmt: skip


def aliased(db):
    """A study whose narrow networks are shallow and whose wide ones are deep, no points kept."""
    place = StudyDataset(CIRCLES, (5, 9), 0.3, Recipe("adam", 0.01, epochs=2))
    study = StudySpec("aliased", (place,), (FIVE, SIX), replicas=5, convention=BOTH,
                      detail="graphs", snapshots=(0,))  # fmt: skip
    run_study(study, db)


def given(db):
    """Ingested networks: points of their own under the names of data sets of studies.

    The paper has one of these; two are of one cell, and the output of one alone is a layer.
    """
    for make, function in (
        (geoflow.pair_score, kept_reach),
        (geoflow.point_score, kept_size),
        (geoflow.network_score, kept_length),
    ):
        make(function.__name__, formula="f", source="test")(function)
    points = np.random.default_rng(5).normal(size=(40, 3))
    for seed, dataset, output in (
        (0, "circles", True),
        (1, "mnist_1v7", True),
        (2, "circles", False),
    ):
        rng = np.random.default_rng(seed)
        arrays = {f"layer_{at:02d}": rng.normal(size=(40, 3)) for at in range(5)}
        arrays |= {"layer_00": points} if dataset == "circles" else {}
        arrays["labels"] = np.arange(40) % 2
        arrays["logits"] = rng.normal(size=40)
        own = ["kept_reach", "kept_size", "kept_length"]
        ingest(arrays, db, name=f"given-{seed}", dataset=dataset, k=[5, 9], scores=own,
               output=output, **LOCAL)  # fmt: skip


def hidden_layers(rng, n, depth, torn=False):
    layers = [rng.normal(size=(n, 3)) * rng.uniform(1, 3, 3) for _ in range(depth)]
    if torn:
        layers[-1][n // 2 :] += 1e3
    return layers


def few(db, write):
    """A kind of which one network in five is connected at small k, one not measured at large."""
    rng = np.random.default_rng(3)
    points = rng.normal(size=(40, 3))

    def rows(replicas, torn=True, **fields):
        for replica in replicas:
            row = {"name": f"few-{fields.get('width', 'narrow')}-{replica}", "replica": replica}
            row |= {"test_accuracy": 0.9 + replica / 100, "test_loss": rng.random(), **fields}
            yield row, hidden_layers(rng, 40, 5, torn and replica > 0)

    spec = GeometrySpec((8, 10, 22, 26), BOTH, detail="nodes")
    small = GeometrySpec((8, 10), BOTH, detail="nodes")
    gone = {"name": "few-gone", "replica": 1, "width": "still", "status": "failed", "reason": "NaN"}
    still = {"name": "few-still", "replica": 0, "width": "still"}
    write(db, "cloud", points, [*rows(range(7)), (gone | {"depth": 5}, [])], spec, study="few")
    poor = rows((0, 1), width="poor", torn=False, accuracy_threshold=0.99)
    mixed = rows(range(6), width="mixed")
    wide = rows((1, 2), width="wide")
    some = [*rows((8, 9)), *wide, *poor, *mixed, (still, [points] * 5)]
    write(db, "cloud", points, some, small, study="few")
    same = [*rows(range(2), width="fog", torn=False), *rows(range(2), torn=False)]
    renamed = [(row | {"name": f"more-{row['name']}"}, hidden) for row, hidden in same]
    write(db, "fog", points, renamed, spec, study="more")


def published(db, write):
    """Kinds of networks that the papers have numbers for."""
    rng = np.random.default_rng(4)
    points = rng.normal(size=(40, 3))
    rows = [
        ({"name": f"paper-{at}", "replica": at, "width": "narrow"}, hidden_layers(rng, 40, 5))
        for at in range(2)
    ]
    write(db, "mnist_1v7", points, rows, GeometrySpec((10, 20, 30), "directed"), study="paper")
    wide = replace(CIRCLES, n_test=60)
    one = {"k": 50, "convention": ("union", "mutual"), "curvatures": ("augmented_forman",)}
    short = Recipe(epochs=1)
    train(wide, architecture("25", 10), db, study="local", recipe=short, snapshots=(0,), **one)


def changed(db):
    """Let two networks have collapsed, one in what it predicts and one in a layer, and no other."""
    with duckdb.connect(str(db)) as connection:
        connection.execute("update predictions set predicted = (point // 3 + network_id) % 2")
        connection.execute(
            "update predictions set predicted = 1 where network_id ="
            " (select min(network_id) from networks where study = 'moved/residual')"
        )
        connection.execute(
            "update layers set n_distinct = 1 where layer = 5 and network_id ="
            " (select max(network_id) from networks where study = 'moved/plain')"
        )
        make_earlier(connection)
        kept = "network_correlations"  # of what is predicted right, too
        connection.execute(f"delete from {kept}")
        connection.execute(f"insert into {kept} by name from computed_{kept}")


def make_earlier(connection):
    """Let a network have what earlier versions kept, and one several optimal assignments."""
    first, last = (
        f"where network_id = (select {which}(network_id) from networks"
        " where study like 'moved/%' and final_id is null)"
        for which in ("min", "max")
    )
    for change in (
        "transport_tracks set least_ot_score = null, is_ot_unique = null, sample_seed = 7",
        "transport_steps set least_ot_score = null, is_ot_unique = null, sample_seed = 7",
        "point_tracks set is_optimal = null",
        "layer_affinities set sample_seed = 7",
        "layer_complexities set complexity = null, complexity_deviation = null",
        "point_complexities set complexity = null",
    ):
        connection.execute(f"update {change} {first}")
    edges = "class_curvatures set points = 'correct edges'"
    connection.execute(f"update {edges} {first} and points = 'correct'")
    for table in ("transport_tracks", "transport_steps"):
        least = "is_ot_unique = false, least_ot_score = ot_score / 2"
        connection.execute(f"update {table} set {least} {last}")
