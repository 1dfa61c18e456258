"""Rows of a network's transport geometry against closed forms, by hand, and where nothing is."""

from itertools import permutations, product
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from geoflow.datasets import load
from geoflow.datasets._dataset import Dataset
from geoflow.errors import GeometryError
from geoflow.measure.activations import Activations
from geoflow.measure.drawn import drawn_points
from geoflow.measure.layers import network_frames
from geoflow.measure.transport import (
    Places,
    affinity_frame,
    complexity_frames,
    track_frames,
    track_span,
    transport_frames,
)
from geoflow.specs import DatasetSpec, GeometrySpec, TransportSpec
from geoflow.store._sqlfiles import sql_files
from geoflow.store.records import network_tables
from geoflow.study._task import inputs_around, measured_network

SPEC = TransportSpec()
POLARS = {
    "integer": pl.Int32,
    "bigint": pl.Int64,
    "boolean": pl.Boolean,
    "double": pl.Float64,
    "float": pl.Float32,
    "varchar": pl.String,
}


def cloud(seed=0, n=20, d=3):
    return np.random.default_rng(seed).normal(size=(n, d))


def moved(layers, keeps_points=True):
    """Tables of the way of all points through some layers."""
    return track_frames(layers, drawn_points(len(layers[0]), 0), keeps_points)


def one_row(layers):
    (row,) = moved(layers)["transport_tracks"].rows(named=True)
    return row


def step_rows(layers):
    return moved(layers)["transport_steps"].rows(named=True)


def longest_run(widths):
    """Every run of one width, the slow way; of the longest the last."""
    n = len(widths)
    runs = [(a, b) for a in range(n) for b in range(a, n) if len(set(widths[a : b + 1])) == 1]
    return max(runs, key=lambda run: (run[1] - run[0], run[0]))


@pytest.mark.parametrize("n", range(1, 7))
def test_the_track_is_the_longest_run_of_layers_of_one_width(n):
    for widths in product((2, 3, 5), repeat=n):
        assert track_span(widths) == longest_run(widths), widths


def test_a_last_layer_of_its_own_width_does_not_end_the_track():
    """A wide network whose last hidden layer is narrow: the track is of the wide ones."""
    layers = [cloud(at, 12, d) for at, d in enumerate((4, 3, 3, 3, 2))]
    row, steps = one_row(layers), step_rows(layers)
    assert (row["first_layer"], row["last_layer"], row["n_steps"]) == (1, 3, 2)
    alone = one_row(layers[1:4])
    same = row.keys() - {"first_layer", "last_layer"}
    assert {name: row[name] for name in same} == {name: alone[name] for name in same}
    known = [at for at, one in enumerate(steps) if one["mean_turning_angle"] is not None]
    assert known == [1]


def test_a_translation_is_straight_and_optimal():
    x = cloud()
    tables = moved([x, *(x + at * np.ones(3) for at in (1, 3, 4))])
    (track,) = tables["transport_tracks"].rows(named=True)
    scores = ("line_shape_score", "ot_score", "transport_efficiency")
    assert [track[name] for name in scores] == pytest.approx([1, 1, 1], abs=1e-12)
    assert (track["first_layer"], track["last_layer"], track["n_steps"]) == (0, 3, 3)
    assert (track["n_points"], track["n_defined"], track["reason"]) == (20, 20, None)
    lengths = [track[name] for name in ("w2_path_length", "w2_geodesic_length", "w2")]
    assert lengths == pytest.approx([4 * np.sqrt(3)] * 3)
    steps = tables["transport_steps"]
    assert steps["layer"].to_list() == [0, 1, 2]
    assert steps["w2"].to_list() == pytest.approx([np.sqrt(3), 2 * np.sqrt(3), np.sqrt(3)])
    assert steps["mean_turning_angle"].to_list() == pytest.approx([0, 0, None], abs=1e-6)
    points = tables["point_tracks"]
    assert points["path_length"].to_list() == pytest.approx([4 * np.sqrt(3)] * 20)
    assert points["displacement"].to_list() == pytest.approx([4 * np.sqrt(3)] * 20)
    assert points["is_optimal"].all()


@pytest.mark.parametrize("n_steps", [2, 3, 10])
def test_a_quarter_circle_is_its_closed_form(n_steps):
    """A chord of angle a = pi / (2 T) turns by a; T unit steps sum to sin(T a / 2) / sin(a / 2)."""
    angle = np.pi / (2 * n_steps)
    radii = np.array([1.0, 2.0, 5.0])[:, None]
    places = [np.array([[np.cos(at * angle), np.sin(at * angle)]]) for at in range(n_steps + 1)]
    tables = moved([radii * place for place in places])
    score = n_steps * np.sin(angle / 2) / np.sin(np.pi / 4)
    (track,) = tables["transport_tracks"].rows(named=True)
    assert track["line_shape_score"] == pytest.approx(score, rel=1e-12)
    angles = tables["transport_steps"]["mean_turning_angle"].to_list()
    assert angles == pytest.approx([angle] * (n_steps - 1) + [None])
    lengths = tables["point_tracks"]["path_length"].to_numpy()
    assert lengths == pytest.approx(radii[:, 0] * 2 * n_steps * np.sin(angle / 2), rel=1e-6)
    ends = tables["point_tracks"]["displacement"].to_numpy()
    assert ends == pytest.approx(radii[:, 0] * np.sqrt(2), rel=1e-6)


def test_scores_are_those_of_all_permutations_tried():
    x, y = cloud(1, 6, 2), cloud(2, 6, 2)
    row = one_row([x, y])
    costs = ((x[:, None] - y) ** 2).sum(axis=-1)
    rows = np.arange(6)
    best = min(permutations(range(6)), key=lambda to: costs[rows, list(to)].sum())
    assert row["ot_score"] == np.mean(np.array(best) == rows)
    optimal, actual = costs[rows, list(best)].sum(), np.trace(costs)
    assert row["transport_efficiency"] == pytest.approx(optimal / actual)
    assert row["w2"] == row["w2_path_length"] == pytest.approx(np.sqrt(optimal / 6))
    assert row["rms_displacement"] == pytest.approx(np.sqrt(actual / 6))
    apart = np.sqrt(((x[:, None] - x) ** 2).sum(axis=-1)) + np.diag([np.inf] * 6)
    spacing = np.median(apart.min(axis=1))
    moves = np.sqrt(np.diag(costs)).mean()
    assert row["relative_displacement"] == pytest.approx(moves / spacing)


def test_a_bottleneck_has_steps_of_equal_width_only_and_a_track_after_it():
    layers = [cloud(at, 10, d) for at, d in enumerate((4, 3, 3, 2, 3, 3, 3))]
    steps = step_rows(layers)
    known = [at for at, row in enumerate(steps) if row["ot_score"] is not None]
    assert known == [1, 4, 5]
    assert steps[2]["reason"] == "layers 2 and 3 have widths 3 and 2"
    row = one_row(layers)
    assert (row["first_layer"], row["last_layer"], row["n_steps"]) == (4, 6, 2)
    assert row["w2_path_length"] == pytest.approx(steps[4]["w2"] + steps[5]["w2"])
    assert [at for at, one in enumerate(steps) if one["mean_turning_angle"] is not None] == [4]


def test_a_network_whose_last_width_is_its_own_has_no_track_but_a_reason():
    tables = moved([cloud(d=4), cloud(d=3), cloud(d=2)])
    assert tables.keys() == {"transport_steps", "transport_tracks"}
    (row,) = tables["transport_tracks"].rows(named=True)
    assert row["reason"] == "layers 1 and 2 have widths 3 and 2"
    assert (row["first_layer"], row["last_layer"]) == (2, 2)
    assert row["n_steps"] is row["line_shape_score"] is row["ot_score"] is None


def test_one_hidden_layer_of_the_width_of_the_input_is_a_track_of_one_step():
    row = one_row([cloud(0), cloud(1)])
    assert (row["n_steps"], row["n_defined"]) == (1, 0)
    assert row["line_shape_score"] is row["median_line_shape"] is None
    assert row["reason"] == "a track of one step is straight whatever the network does"
    points = moved([cloud(0), cloud(1)])["point_tracks"]
    assert points["line_shape_score"].null_count() == points.height
    assert set(points["reason"]) == {row["reason"]}
    (step,) = step_rows([cloud(0), cloud(1)])
    assert step["mean_turning_angle"] is None
    both = step.keys() & row.keys() - {"reason"}
    assert {name: step[name] for name in both}.items() <= row.items()


def test_mean_and_median_line_shape_are_those_of_the_points_that_have_one():
    """Two points go straight, one turns by a right angle, one comes back: 1, 1, sqrt(2), none."""
    start = np.zeros((4, 2))
    middle = np.array([[1.0, 0.0]] * 4)
    end = np.array([[2.0, 0.0], [3.0, 0.0], [1.0, 1.0], [0.0, 0.0]])
    row = one_row([start, middle, end])
    assert (row["n_points"], row["n_defined"]) == (4, 3)
    assert row["line_shape_score"] == pytest.approx((2 + np.sqrt(2)) / 3)
    assert row["median_line_shape"] == pytest.approx(1)


def test_points_that_never_move_have_no_score_and_say_so():
    x = cloud()
    tables = moved([x, x, x])
    (row,) = tables["transport_tracks"].rows(named=True)
    assert row["line_shape_score"] is row["transport_efficiency"] is None
    assert (row["ot_score"], row["n_defined"], row["relative_displacement"]) == (1.0, 0, 0.0)
    assert row["reason"].split("; ") == [
        "the point never moves",
        "no point moves",
        "the last sample is the first: its W2 distance is 0",
    ]
    assert tables["point_tracks"]["reason"].unique().to_list() == ["the point never moves"]
    assert tables["point_tracks"]["n_steps"].unique().to_list() == [0]


def test_points_that_come_back_have_no_score_and_say_why():
    x = cloud()
    row = one_row([x, x + 1, x])
    assert row["line_shape_score"] is None
    assert "the directions of the steps cancel" in row["reason"]
    assert row["w2_path_length"] == pytest.approx(2 * np.sqrt(3))


def test_a_step_of_length_zero_is_left_out_of_the_score():
    x = cloud()
    tables = moved([x, x + 1, x + 1, x + np.array([2, 1, 1])])
    (row,) = tables["transport_tracks"].rows(named=True)
    turn = 1 / np.sqrt(3)  # cosine between (1, 1, 1) and (1, 0, 0)
    assert row["line_shape_score"] == pytest.approx(2 / np.sqrt(2 + 2 * turn))
    assert tables["point_tracks"]["n_steps"].unique().to_list() == [2]
    assert tables["transport_steps"]["mean_turning_angle"].to_list() == [None] * 3
    assert tables["transport_steps"]["reason"].to_list() == [None, "no point moves", None]


@pytest.mark.parametrize("d", [1, 3])
def test_duplicates_have_no_spacing_and_count_by_value(d):
    x = np.zeros((6, d))
    y = np.repeat([[0.0], [1.0]], 3, axis=0) * np.ones(d)
    row = one_row([x, y])
    assert (row["ot_score"], row["transport_efficiency"]) == (1.0, 1.0)
    assert row["relative_displacement"] is None
    (step,) = step_rows([x, y])
    assert step["reason"] == "half of the points or more are duplicates"
    assert step["reason"] in row["reason"].split("; ")


def test_points_in_another_order_are_moved_for_nothing():
    x = cloud()
    row = one_row([x, np.roll(x, 1, axis=0)])
    assert (row["ot_score"], row["transport_efficiency"], row["w2"]) == (0.0, 0.0, 0.0)
    assert "the last sample is the first: its W2 distance is 0" in row["reason"].split("; ")


def test_layers_that_become_constant_are_optimal():
    x = cloud()
    row = one_row([x, np.zeros_like(x), np.zeros_like(x)])
    assert (row["ot_score"], row["line_shape_score"]) == (1.0, 1.0)
    assert row["transport_efficiency"] == pytest.approx(1.0)


def test_one_point_alone():
    row = one_row([np.zeros((1, 2)), np.ones((1, 2)), np.full((1, 2), 2.0)])
    scores = [row[name] for name in ("line_shape_score", "ot_score", "transport_efficiency")]
    assert scores == pytest.approx([1, 1, 1], abs=1e-12)
    assert (row["relative_displacement"], row["reason"]) == (
        None,
        "a single point has no neighbour",
    )


def test_a_path_too_long_for_the_store_is_refused():
    with pytest.raises(GeometryError, match="does not fit the store's FLOAT"):
        moved([np.zeros((3, 1)), np.full((3, 1), 1e39)])


@pytest.mark.parametrize("keeps", [True, False])
def test_points_are_kept_only_when_asked(keeps):
    tables = transport_frames(Activations([cloud(0), cloud(1)]), SPEC, keeps_points=keeps)
    assert ("point_tracks" in tables) == keeps
    assert tables.keys() - {"point_tracks"} == {"transport_steps", "transport_tracks"}


WAYS = {
    "moving": [cloud(at) for at in range(4)],
    "still": [cloud()] * 3,
    "one width each": [cloud(d=4), cloud(d=3), cloud(d=2)],
    "shallow": [cloud(d=4), cloud(d=3)],
    "one point": [cloud(n=1), cloud(1, n=1)],
}


@pytest.mark.parametrize("kind", WAYS)
def test_columns_have_the_names_and_types_of_their_tables(kind):
    layers = WAYS[kind]
    around = {"train": Places(layers[0], np.arange(len(layers[0])))}
    way = Activations(layers, pre=layers[1:], forward=lambda inputs: [inputs])
    tables = transport_frames(way, SPEC, keeps_points=True, around=around)
    assert tables.keys() >= {"transport_steps", "layer_affinities", "layer_complexities"}
    for file in sql_files("tables"):
        if file.name in tables:
            frame = tables[file.name]
            assert ["network_id", *frame.columns] == list(file.columns), file.name
            for line in file.statement.splitlines()[1:-1]:
                name, kind_of, *_ = line.replace(",", "").split()
                if name in frame.columns and kind_of in POLARS:
                    assert frame.schema[name] == POLARS[kind_of], (file.name, name)
            for column in frame.select(pl.selectors.float()):
                assert column.is_nan().sum() == 0 == column.is_infinite().sum()


def test_networks_of_all_kinds_go_into_one_table():
    spec = GeometrySpec((2,), detail="graphs")
    measured = []
    for layers in (WAYS[kind] for kind in ("moving", "still", "one width each", "shallow")):
        frames = network_frames(layers[1:], spec)
        frames.tables.update(moved(layers))
        measured.append(frames)
    tables = network_tables(measured)
    assert tables["transport_tracks"]["network_id"].to_list() == [0, 1, 2, 3]
    assert tables["transport_steps"].height == 3 + 2 + 2 + 1


def test_affinities_count_layers_from_one_and_say_why_there_is_none():
    x = np.linspace(-1, 1, 201)[:, None]
    frame = affinity_frame([x, x, x], [2 * x + 1, np.maximum(x, 0), 0 * x], drawn_points(201, 0))
    assert frame["layer"].to_list() == [1, 2, 3]
    relu = 1 - np.sqrt(200 / 201 * (1 - np.corrcoef(x[:, 0], np.maximum(x[:, 0], 0))[0, 1]))
    assert frame["affinity_score"].to_list() == pytest.approx([1, relu, None], abs=1e-4)
    assert frame["reason"].to_list() == [
        None,
        None,
        "the output is the same for all points: any map to it is affine",
    ]


def test_affinity_is_of_the_activation_and_not_of_a_skip_connection():
    x = np.linspace(-1, 1, 201)[:, None]
    after = np.maximum(x, 0)
    way = Activations([x, x + after], pre=[x], post=[after])
    residual = transport_frames(way, SPEC, keeps_points=False)["layer_affinities"]
    assert residual.equals(affinity_frame([x], [after], drawn_points(201, 0)))
    assert not residual.equals(affinity_frame([x], [x + after], drawn_points(201, 0)))


def one_neuron_each(inputs):
    """Two layers: neurons that switch at x = 0 and x = 1, then one that never does."""
    z = np.concatenate([inputs[:, :1], inputs[:, :1] - 1], axis=1)
    return [z, np.ones((len(inputs), 1))]


def test_complexity_counts_the_neurons_that_switch_on_a_frame():
    around = {
        "train": Places(np.array([[0.0], [0.5], [1.0], [5.0]]), np.array([7, 3, 8, 1])),
        "random": Places(np.array([[0.5]]), np.array([0])),
    }
    spec = TransportSpec(radii=(0.25, 0.75), n_directions=25)
    tables = complexity_frames(one_neuron_each, around, spec, keeps_points=True)
    rows = tables["layer_complexities"].rows(named=True)
    assert len(rows) == 2 * 2 * 2
    found = {(row["points"], row["radius"], row["layer"]): row for row in rows}
    counts = {0.25: [1, 0, 1, 0], 0.75: [1, 2, 1, 0]}
    for radius, some in counts.items():
        row = found["train", radius, 1]
        assert row["complexity"] == np.mean(some)
        assert row["complexity_deviation"] == pytest.approx(np.std(some))
        assert (row["n_points"], row["n_directions"]) == (4, 1)
        assert found["train", radius, 2]["complexity"] == 0
        assert found["random", radius, 1]["complexity"] == some[1]
        assert row["crossings"] == np.mean(some)
        of_points = tables["point_complexities"].filter(radius=radius, points="train", layer=1)
        assert of_points.select("point", "complexity", "crossings").rows() == list(
            zip([7, 3, 8, 1], some, some, strict=True)
        )
    fewer = complexity_frames(one_neuron_each, around, spec, keeps_points=False)
    assert fewer.keys() == {"layer_complexities"}


def test_a_neuron_that_is_zero_on_part_of_its_frame_switches_and_does_not_cross():
    around = {"random": Places(np.array([[0.0], [2.0]]), np.array([0, 1]))}
    spec = TransportSpec(radii=(0.5,), n_directions=1)
    tables = complexity_frames(lambda z: [np.maximum(z, 0)], around, spec, keeps_points=True)
    (row,) = tables["layer_complexities"].rows(named=True)
    assert (row["complexity"], row["crossings"]) == (0.5, 0.0)
    assert tables["point_complexities"]["complexity"].to_list() == [1, 0]
    assert tables["point_complexities"]["crossings"].to_list() == [0, 0]


def test_of_many_points_some_are_drawn_the_same_in_every_layer(monkeypatch):
    monkeypatch.setattr("geoflow.measure.drawn.MOST_POINTS", 20)
    layers = [cloud(at, 33) for at in range(3)]
    way = Activations(layers, pre=layers[1:], post=[abs(one) for one in layers[1:]])
    tables = transport_frames(way, TransportSpec(seed=5), keeps_points=True)
    points = tables["point_tracks"]["point"].to_list()
    assert points == sorted(set(points))
    assert (len(points), max(points) > 20) == (20, True)
    some = [one[points] for one in layers]
    alone = Activations(some, pre=some[1:], post=[abs(one) for one in some[1:]])
    expected = transport_frames(alone, SPEC, keeps_points=True)
    for name, frame in tables.items():
        assert set(frame.get_column("sample_seed", default=pl.Series([5]))) == {5}
        differs = ["point" if name == "point_tracks" else "sample_seed"]
        assert frame.drop(differs).equals(expected[name].drop(differs), null_equal=True), name
    assert tables["transport_tracks"]["n_points"].to_list() == [20]
    other = transport_frames(way, TransportSpec(seed=6), keeps_points=True)
    assert other["point_tracks"]["point"].to_list() != points


@pytest.fixture(scope="module")
def data():
    return load(DatasetSpec("circles", n_train=60, n_test=30))


def test_inputs_around_are_rows_of_their_kind_and_random_ones_in_the_box(data):
    spec = TransportSpec(n_points=40)
    found = inputs_around(data, spec)
    sizes = {kind: len(places.inputs) for kind, places in found.items()}
    assert sizes == {"train": 40, "test": 30, "random": 40}
    for kind, rows in (("train", data.x_train), ("test", data.x_test)):
        drawn = found[kind].points
        assert len(set(drawn)) == sizes[kind]
        np.testing.assert_array_equal(found[kind].inputs, rows[drawn])
    low, high = data.x_train.min(axis=0), data.x_train.max(axis=0)
    assert (found["random"].inputs >= low).all()
    assert (found["random"].inputs <= high).all()
    assert found["random"].points.tolist() == list(range(40))
    wide = inputs_around(data, TransportSpec(n_points=4000))["random"].inputs
    assert np.ptp(wide, axis=0) == pytest.approx(high - low, rel=0.01)
    again = inputs_around(data, spec)
    assert all((again[kind].inputs == found[kind].inputs).all() for kind in found)
    other = inputs_around(data, TransportSpec(n_points=40, seed=1))
    differing = [kind for kind in found if (other[kind].inputs != found[kind].inputs).any()]
    assert differing == ["train", "random"]  # all test rows are taken, in their order


def test_data_of_one_class_is_drawn_and_measured_like_any(data):
    spec = DatasetSpec("one")
    x = data.x_train
    one = Dataset(spec, x, 0 * data.y_train, x[:9], np.zeros(9, int), ("a", "b"), "one")
    assert len(inputs_around(one, SPEC)["train"].inputs) == len(x)


def stand_in(data, weights):
    """A trained network of one hidden ReLU layer, as far as the worker asks for it."""

    def forward(points):
        return [np.asarray(points) @ weights]

    pre = forward(data.x_test)
    activations = Activations(
        layers=[data.x_test, np.maximum(pre[0], 0)],
        labels=data.y_test,
        predicted=data.y_test,
        margin=np.ones(len(data.x_test)),
        pre=pre,
        forward=forward,
    )
    return SimpleNamespace(activations=activations, is_finite=True, n_steps=None)


@pytest.mark.parametrize("detail", ["graphs", "nodes"])
def test_a_trained_network_has_every_table(data, detail):
    network = stand_in(data, np.array([[1.0, -1.0, 1.0], [1.0, 2.0, 0.0]]))
    spec = TransportSpec(n_points=10, radii=(0.1,))
    study = SimpleNamespace(transport=spec)
    cell = SimpleNamespace(geometry=GeometrySpec((3,), detail=detail), study=study)
    task = SimpleNamespace(cell=cell, threads=1, scores=())
    tables = measured_network(network, task, data, None, inputs_around(data, spec)).tables
    expected = {"transport_steps", "transport_tracks", "layer_affinities", "layer_complexities"}
    assert expected <= tables.keys()
    assert tables["layer_complexities"]["points"].to_list() == ["train", "test", "random"]
    assert ("point_complexities" in tables) == (detail == "nodes")
    (affinity,) = tables["layer_affinities"]["affinity_score"]
    assert 0 < affinity < 1
    network.is_finite, network.activations = False, Activations([data.x_test])
    tables = measured_network(network, task, data, None, inputs_around(data, spec)).tables
    assert not expected & tables.keys()
