"""What may be asked for, and what is refused in words."""

import pytest

from geoflow.errors import GeoflowError, SpecError, unknown
from geoflow.specs import (
    DatasetSpec,
    GeometrySpec,
    Recipe,
    StudyDataset,
    StudySpec,
    architecture,
)


@pytest.mark.parametrize(
    ("width", "depth", "widths"),
    [
        ("narrow", 5, (25,) * 5),
        ("wide", 2, (50, 50)),
        ("wide", None, (50,) * 5),
        ("bottleneck", 11, (50,) * 5 + (25,) + (50,) * 5),
        ("bottleneck", 1, (25,)),
        ("30", 3, (30, 30, 30)),
        ("3,4", None, (3, 4)),
        ((3, 4), 2, (3, 4)),
    ],
)
def test_widths(width, depth, widths):
    found = architecture(width, depth)
    assert found.widths == widths
    assert found.depth == len(widths)


@pytest.mark.parametrize(
    ("width", "depth", "said"),
    [
        ("narow", 5, "did you mean 'narrow'"),
        ("narrow", 0, "depth must be an integer of at least 1, not 0"),
        ("3,4", 5, "2 layers but depth is 5"),
        ("3,0", None, "a width must be an integer of at least 1, not 0"),
    ],
)
def test_impossible_widths_are_refused(width, depth, said):
    with pytest.raises(SpecError, match=said):
        architecture(width, depth)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"optimizer": "adamm"}, "did you mean 'adam'"),
        (
            {"learning_rate": 0},
            "learning_rate must be a number above 0 that float32 holds .*, not 0",
        ),
        ({"learning_rate": float("nan")}, "learning_rate must be .*, not nan"),
        ({"epochs": -1}, "epochs must be an integer of at least 0, not -1"),
        ({"epochs": 2.5}, "epochs must be .* not 2.5"),
        ({"epochs": True}, "epochs must be .* not True"),
        ({"batch_size": 0}, "batch_size must be an integer of at least 1, not 0"),
        ({"weight_decay": -0.1}, "weight_decay"),
        ({"decay": 1.0}, "decay must be a number of at least 0 and below 1, not 1.0"),
        ({"validation_rows": -1}, "validation_rows"),
    ],
)
def test_impossible_recipes_are_refused(values, said):
    with pytest.raises(SpecError, match=said):
        Recipe(**values)


@pytest.mark.parametrize(("optimizer", "decay"), [("rmsprop", 0.9), ("sgd", 0.0), ("adam", 0.9)])
def test_every_optimizer_has_its_own_decay(optimizer, decay):
    assert Recipe(optimizer=optimizer).decay == decay
    assert Recipe(optimizer=optimizer, decay=0.3).decay == 0.3


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"k": ()}, "k has no values: give at least one"),
        ({"k": (5, 0)}, "k must be an integer of at least 1, not 0"),
        ({"k": (5,), "convention": ("onion",)}, "did you mean 'union'"),
        ({"k": (5,), "convention": ()}, "convention has no values: give at least one"),
        ({"k": (5,), "detail": "node"}, "did you mean 'nodes'"),
        ({"k": (5,), "store_rank": 0}, "store_rank must be an integer of at least 1, not 0"),
        ({"k": (5,), "n_sources": 0}, "n_sources must be an integer of at least 1, not 0"),
        ({"k": (5,), "n_sources": 9, "detail": "pairs"}, "leave out n_sources"),
        ({"k": (5,), "device": "gpu"}, "unknown device 'gpu'"),
    ],
)
def test_impossible_geometry_is_refused(values, said):
    with pytest.raises(SpecError, match=said):
        GeometrySpec(**values)


def test_a_study_without_cells_is_refused():
    with pytest.raises(SpecError, match="'empty' has no cells"):
        StudySpec("empty", (), (), replicas=1)


CIRCLES = StudyDataset(DatasetSpec("circles"), (5,), recipe=Recipe(epochs=4))
TORI = StudyDataset(DatasetSpec("tori"), (5,))


@pytest.mark.parametrize(
    ("snapshots", "said"),
    [
        ((2, 1), "snapshots are 2, 1: give increasing epochs, each once"),
        ((1, 1), "snapshots are 1, 1: give increasing epochs"),
        ((-1,), "an epoch of snapshots must be an integer of at least 0, not -1 .study 's'"),
        ((1.5,), "an epoch of snapshots must be .* not 1.5"),
        (
            (0, 5),
            "snapshot at epoch 5, but data set 'circles' is trained for 4 epochs: leave it out",
        ),
    ],
)
def test_impossible_snapshots_are_refused(snapshots, said):
    with pytest.raises(SpecError, match=said):
        StudySpec("s", (TORI, CIRCLES), (architecture("4"),), 1, snapshots=snapshots)


def test_snapshots_up_to_the_last_epoch_are_taken():
    study = StudySpec("s", (TORI, CIRCLES), (architecture("4"),), 1, snapshots=(0, 3, 4))
    assert study.snapshots == (0, 3, 4)


def test_unknown_names_are_one_line_with_the_nearest_and_what_is_known():
    error = unknown("view", "optimal", ["optimal_k", "edges"], "see `geoflow views`")
    assert isinstance(error, GeoflowError)
    assert "\n" not in str(error)
    assert "did you mean 'optimal_k'" in str(error)
    assert "did you mean" not in str(unknown("view", "zzz", ["edges"], "see"))
