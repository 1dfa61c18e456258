"""Transport geometry of a network as tables: what is scored, what is not and why."""

import numpy as np
import polars as pl
import pytest

from geoflow.geometry.complexity import dense_relu
from geoflow.specs import SpecError, TransportSpec
from geoflow.transportframes import Way, track_start, transport_frames

RNG = np.random.default_rng(5)
POINTS = RNG.normal(size=(40, 3))
SPEC = TransportSpec(radii=(0.5,), n_directions=2)


def frames(layers, pre=None, keeps_points=True):
    return transport_frames(Way(layers, pre), SPEC, keeps_points)


def test_a_straight_track_of_translations_is_optimal():
    step = np.array([3.0, 0.0, 4.0])
    tables = frames([POINTS + at * step for at in range(4)])
    (track,) = tables["transport_tracks"].rows(named=True)
    assert track["line_shape_score"] == pytest.approx(1, abs=1e-12)
    assert (track["ot_score"], track["transport_efficiency"]) == (1, 1)
    assert track["w2"] == pytest.approx(15)
    assert track["w2_path_length"] == pytest.approx(track["w2_geodesic_length"])
    assert (track["first_layer"], track["last_layer"], track["n_steps"]) == (0, 3, 3)
    steps = tables["transport_steps"]
    assert steps["w2"].to_list() == pytest.approx([5, 5, 5])
    angles = steps["mean_turning_angle"].to_list()
    assert angles[:2] == pytest.approx([0, 0], abs=1e-7)
    assert angles[2] is None
    assert tables["point_tracks"]["is_optimal"].all()
    assert tables["point_tracks"]["path_length"].to_list() == pytest.approx([15] * 40, rel=1e-6)


@pytest.mark.parametrize("n_steps", [1, 2, 7])
def test_a_quarter_circle_has_its_closed_form(n_steps):
    turns = np.pi / 2 * np.arange(n_steps + 1) / n_steps
    circle = np.stack([np.cos(turns), np.sin(turns)], -1)
    shift = RNG.normal(size=(9, 2))
    tables = frames([point + shift for point in circle])
    # unit steps turn by a = pi / 2n: their sum has length sin(n a / 2) / sin(a / 2)
    half = np.pi / 4 / n_steps
    expected = n_steps * np.sin(half) / np.sin(n_steps * half)
    assert tables["transport_tracks"]["line_shape_score"].item() == pytest.approx(expected)
    angles = tables["transport_steps"]["mean_turning_angle"].to_list()[:-1]
    assert angles == pytest.approx([2 * half] * (n_steps - 1))


def test_layers_of_other_widths_have_no_score_and_say_why():
    layers = [RNG.normal(size=(30, width)) for width in (5, 2, 4, 4, 4)]
    assert track_start(layers) == 2
    tables = frames(layers)
    steps = tables["transport_steps"].rows(named=True)
    assert [step["ot_score"] is None for step in steps] == [True, True, False, False]
    assert steps[0]["reason"] == "layers 0 and 1 have widths 5 and 2"
    assert steps[2]["reason"] is None
    assert tables["transport_tracks"]["first_layer"].item() == 2


def test_a_bottleneck_at_the_end_leaves_no_track():
    tables = frames([RNG.normal(size=(30, width)) for width in (4, 4, 2)])
    (track,) = tables["transport_tracks"].rows(named=True)
    assert track["reason"] == "layers 1 and 2 have widths 4 and 2"
    assert track.get("ot_score") is None
    assert "point_tracks" not in tables
    assert tables["transport_steps"]["ot_score"].null_count() == 1


@pytest.mark.parametrize(
    "layers",
    [
        [POINTS, POINTS, POINTS],  # nothing moves
        [POINTS, np.zeros((40, 3)), np.zeros((40, 3))],  # collapses
        [np.zeros((40, 3))] * 3,
        [POINTS, -POINTS, POINTS],  # comes back
        [np.repeat(POINTS[:4], 10, axis=0), np.repeat(POINTS[4:8], 10, axis=0)],
        [POINTS[:1], POINTS[1:2]],  # one point
    ],
)
def test_degenerate_tracks_are_numbers_or_null_with_a_reason(layers):
    tables = frames(layers, pre=[layer - 0.5 for layer in layers[1:]])
    for frame in tables.values():
        for name, kind in frame.schema.items():
            if kind.is_float():
                assert frame[name].drop_nulls().is_finite().all(), name
    points = tables["point_tracks"]
    assert (points["line_shape_score"].is_null() == points["reason"].is_not_null()).all()
    affinities = tables["layer_affinities"]
    assert (affinities["affinity_score"].is_null() == affinities["reason"].is_not_null()).all()


def test_points_are_kept_on_request_only_and_types_hold_without_values():
    tables = frames([RNG.normal(size=(9, 2)), RNG.normal(size=(9, 3))], keeps_points=False)
    assert set(tables) == {"transport_steps", "transport_tracks"}
    assert tables["transport_steps"].schema["reason"] == pl.String
    assert "point_tracks" not in frames([POINTS, POINTS + 1], keeps_points=False)


def test_complexity_of_a_layer_of_three_neurons_is_counted_by_hand():
    # neurons switch where the first coordinate is 0, 1, and never
    weights = np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
    network = dense_relu([(weights, np.array([0.0, -1.0, 1.0]))])
    inputs = {"test": np.array([[0.0, 0.0], [0.5, 0.0], [5.0, 0.0]]), "train": np.zeros((1, 2))}
    way = Way([inputs["test"], np.zeros((3, 3))], forward=network, around=inputs)
    spec = TransportSpec(radii=(0.9, 0.01), n_directions=2)
    rows = transport_frames(way, spec, False)["layer_complexities"].rows(named=True)
    found = {(row["points"], row["radius"]): row["complexity"] for row in rows}
    assert found["test", 0.01] == pytest.approx(1 / 3)  # only the first point is at a border
    assert found["train", 0.9] == 1
    assert all(row["n_directions"] == 2 and row["layer"] == 1 for row in rows)


@pytest.mark.parametrize("wrong", [{"radii": ()}, {"radii": (0.0,)}, {"n_points": 0}])
def test_radii_and_numbers_there_cannot_be_are_refused(wrong):
    with pytest.raises(SpecError):
        TransportSpec(**wrong)
