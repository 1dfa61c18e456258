"""When to stop and how deep to go: the views alone, over series made by hand."""

import duckdb
import polars as pl
import pytest

from geoflow.store._sqlfiles import relations

PATIENCE = (1, 2, 3, 5)
KEY = {"k": 3, "convention": "union", "curvature": "forman", "alpha": None}
SERIES_OF = KEY | {"end": "hidden"}
LABELS = {"network": "n", "study": "s", "dataset": "d", "width": "w", "depth": 3}
TYPES = {"alpha": pl.Float64, "epoch": pl.Int32, "test_accuracy": pl.Float64}


def view(name, **tables):
    """Return the rows of a view over tables given by name."""
    with duckdb.connect() as connection:
        for table, rows in tables.items():
            types = TYPES | {"mean_local_coefficient": pl.Float64, "layer_coefficient": pl.Float64}
            known = {column: one for column, one in types.items() if column in rows[0]}
            frame = pl.DataFrame(rows, infer_schema_length=None).cast(known)
            connection.register("given", frame)
            connection.execute(f"create table {table} as from given")
        for file in relations():
            if file.folder == "functions" or file.name == name:
                connection.execute(file.statement)
        return connection.sql(f"from {name}").pl().rows(named=True)


def stopped(means, accuracies=None, epochs=None, alpha=None):
    """Return the rows of early_stopping by patience, of a network with these means by epoch."""
    epochs = epochs or list(range(len(means)))
    scores = accuracies or [0.5] * len(means)
    rows = [
        SERIES_OF | LABELS | {"final_id": 1, "alpha": alpha, "epoch": epoch, "test_accuracy": score,
                        "mean_local_coefficient": mean, "is_final": epoch == max(epochs)}
        for epoch, mean, score in zip(epochs, means, scores, strict=True)
    ]  # fmt: skip
    another = {"final_id": 2, "network": "other"}
    other = [row | another | {"mean_local_coefficient": -1.0 - row["epoch"]} for row in rows]
    every = view(
        "early_stopping", local_training_coefficients=rows + other, snapshot_labels=rows + other
    )
    found = {row["patience"]: row for row in every if row["network"] == "n"}
    assert len(every) == len(found) + len(PATIENCE)
    return found


def by_hand(means, patience):
    """Return the place of the least mean as someone finds it who stops after so many in vain."""
    best = in_vain = 0
    for at, mean in enumerate(means):
        if at == 0 or mean < means[best]:
            best, in_vain = at, 0
        else:
            in_vain += 1
            if in_vain == patience:
                break
    return best


SERIES = {
    "falls": [-0.1, -0.2, -0.3, -0.4, -0.5, -0.6],
    "rises": [-0.6, -0.5, -0.4, -0.3, -0.2, -0.1, 0],
    "two minima": [0.1, -0.5, -0.4, -0.3, -0.6, -0.2, -0.1, 0, 0, -0.9],
    "ties": [-0.2, -0.5, -0.5, -0.5, -0.5, -0.6],
    "constant": [0.3] * 7,
    "two": [0.0, -0.1],
}


@pytest.mark.parametrize("alpha", [None, 0.5])
@pytest.mark.parametrize("name", SERIES)
def test_one_stops_after_so_many_snapshots_in_vain(name, alpha):
    means = SERIES[name]
    found = stopped(means, alpha=alpha)
    assert set(found) == set(PATIENCE)
    for patience, row in found.items():
        at = by_hand(means, patience)
        assert (row["epoch"], row["mean_local_coefficient"]) == (at, means[at])
        assert row["n_snapshots"] == len(means)


def test_patience_decides_which_minimum_is_found():
    found = {patience: row["epoch"] for patience, row in stopped(SERIES["two minima"]).items()}
    assert found == {1: 1, 2: 1, 3: 4, 5: 9}


def test_epochs_need_not_be_next_to_each_other_and_their_order_in_the_store_is_no_matter():
    found = stopped([-0.1, 0.2, -0.4], epochs=[50, 10, 20], accuracies=[0.8, 0.6, 0.9])
    assert {row["epoch"] for row in found.values()} == {20}
    row = found[1]
    assert (row["test_accuracy"], row["final_accuracy"]) == (0.9, 0.8)


def test_snapshots_without_a_mean_are_passed_over_but_their_accuracy_counts():
    means = [-0.1, None, -0.3, -0.2, None]
    found = stopped(means, [0.5, 0.9, 0.7, 0.9, 0.6])
    for row in found.values():
        assert (row["epoch"], row["n_snapshots"], row["test_accuracy"]) == (2, 3, 0.7)
        best = row["best_epoch"], row["best_accuracy"], row["final_accuracy"]
        assert best == (1, 0.9, 0.6)  # the first of equals


def test_one_snapshot_says_nothing():
    assert stopped([-0.1, -0.2], epochs=[0, 1])
    rows = [SERIES_OF | LABELS | {"final_id": 1, "epoch": 5, "test_accuracy": 0.5, "is_final": True,
                            "mean_local_coefficient": -0.5}]  # fmt: skip
    assert not view("early_stopping", local_training_coefficients=rows, snapshot_labels=rows)


def selected(coefficients, alpha=None):
    """Return the row of depth_selection of a network with these layer coefficients."""
    rows = [KEY | {"network_id": 1, "alpha": alpha, "layer": at, "layer_coefficient": one,
                   "is_to_output": False}
            for at, one in enumerate(coefficients)]  # fmt: skip
    labels = [LABELS | {"network_id": 1, "test_accuracy": 0.9}]
    # layers of a snapshot, which has no label, and of another curvature
    rows += [row | {"network_id": 2} for row in rows]
    other = [row | {"curvature": "ollivier", "layer_coefficient": -0.1} for row in rows]
    found = view("depth_selection", layer_coefficients=rows + other, network_labels=labels)
    assert len(found) == 2
    (row,) = [row for row in found if row["curvature"] == "forman"]
    return row


@pytest.mark.parametrize("alpha", [None, 0.0])
@pytest.mark.parametrize(
    ("coefficients", "least", "chosen"),
    [
        ([-0.2, -0.8, -0.5, -0.4, -0.1], 1, 3),  # -0.4 is half
        ([-0.1, -0.8, -0.3, -0.7, -0.1], 1, 2),
        ([-0.8, -0.1, -0.8, 0.5], 0, 1),  # the first of equals
        ([-0.1, None, -0.6, None, -0.5, 0.2], 2, 5),
    ],
)
def test_depth_is_the_first_layer_past_the_least_that_is_back_at_half(
    coefficients, least, chosen, alpha
):
    row = selected(coefficients, alpha)
    assert (row["least_layer"], row["least_coefficient"]) == (least, coefficients[least])
    assert (row["chosen_layer"], row["chosen_coefficient"]) == (chosen, coefficients[chosen])
    assert (row["reason"], row["test_accuracy"], row["alpha"]) == (None, 0.9, alpha)


@pytest.mark.parametrize(
    ("coefficients", "reason"),
    [
        ([None, None], "no layer has a coefficient"),
        ([0.2, 0.1, 0.3], "no layer has a negative coefficient"),
        ([0.0, 0.1, 0.3], "no layer has a negative coefficient"),
        ([-0.1, -0.5, -0.4], "the coefficient does not come back to half of its least"),
        ([-0.1, -0.2], "the coefficient does not come back to half of its least"),
    ],
)
def test_no_depth_has_its_reason(coefficients, reason):
    row = selected(coefficients)
    assert (row["chosen_layer"], row["chosen_coefficient"], row["reason"]) == (None, None, reason)
