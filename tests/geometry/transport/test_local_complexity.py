import numpy as np
import pytest

from geoflow.errors import GeometryError
from geoflow.geometry.transport.complexity import (
    dense_relu,
    frame_directions,
    frames,
    local_complexity,
    sign_changes,
)

RNG = np.random.default_rng(0)
POINTS = RNG.normal(size=(30, 6))
LAYERS = [(RNG.normal(size=(6, 8)), RNG.normal(size=8))] + [
    (RNG.normal(size=(8, 8)) / 2, RNG.normal(size=8) / 2) for _ in range(3)
]

SILENT = [
    (POINTS[:6].T[:, :2], np.full(2, -1.0)),
    (np.array([[1.0, -1.0, 2.0], [0.5, 1.0, -1.0]]), np.zeros(3)),
]
"""A layer of two neurons that are often silent together, and one of three without a bias."""


def by_hand(points, radius, directions, layers):
    """Count neuron by neuron with plain loops: signs that differ, and those on both sides of 0."""
    changes, crossings = ([[0] * len(points) for _ in layers] for _ in range(2))
    for at, x in enumerate(points):
        around = [x + sign * radius * u for u in directions for sign in (1, -1)]
        for layer, (weight, bias) in enumerate(layers):
            before = [[h @ weight[:, j] + bias[j] for j in range(len(bias))] for h in around]
            for j in range(len(bias)):
                signs = {np.sign(z[j]) for z in before}
                changes[layer][at] += len(signs) > 1
                crossings[layer][at] += {-1, 1} <= signs
            around = [np.array([max(value, 0.0) for value in z]) for z in before]
    return changes, crossings


def test_one_layer_counted_by_hand():
    # neurons switch at x = 0, x = 1, y = 0.5, never (bias 9)
    weight = np.array([[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]])
    network = dense_relu([(weight, np.array([0.0, -1.0, -0.5, 9.0]))])
    points = np.array([[0.0, 0.0], [0.5, 0.5], [0.9, 0.2], [5.0, 5.0]])
    for radius, axes, expected in (
        (0.25, np.eye(2), [1, 1, 1, 0]),
        (0.75, np.eye(2), [2, 3, 2, 0]),
        (0.75, np.eye(2)[:1], [1, 2, 1, 0]),
    ):
        found = local_complexity(points, radius, axes, network)
        assert found.changes.tolist() == found.crossings.tolist() == [expected]


def test_two_layers_counted_by_hand():
    # h = max(x, 0), then h - 1 and -h, which is 0 left of 0 and negative right of it
    network = dense_relu(
        [(np.eye(1), np.zeros(1)), (np.array([[1.0, -1.0]]), np.array([-1.0, 0.0]))]
    )
    points = np.array([[-3.0], [0.0], [0.8], [1.2], [4.0]])
    found = local_complexity(points, 0.5, np.eye(1), network)
    assert found.changes.tolist() == [[0, 1, 0, 0, 0], [0, 1, 1, 1, 0]]
    assert found.crossings.tolist() == [[0, 1, 0, 0, 0], [0, 0, 1, 1, 0]]


def test_first_layer_has_a_closed_form():
    directions = frame_directions(6, 4, seed=1)
    weight, bias = LAYERS[0]
    reach = 0.3 * np.abs(directions @ weight).max(axis=0)  # of z on the frame around its middle
    expected = (np.abs(POINTS @ weight + bias) < reach).sum(axis=1)
    found = local_complexity(POINTS, 0.3, directions, dense_relu(LAYERS))
    np.testing.assert_array_equal(found.changes[0], expected)


@pytest.mark.parametrize("radius", [0.01, 0.3, 3.0])
@pytest.mark.parametrize("block_bytes", [1, 5000, 2**24])
@pytest.mark.parametrize("layers", [LAYERS, SILENT], ids=["biased", "silent in places"])
def test_deep_networks_against_plain_loops(radius, block_bytes, layers):
    directions = frame_directions(6, 3, seed=2)
    found = local_complexity(POINTS, radius, directions, dense_relu(layers), block_bytes)
    changes, crossings = by_hand(POINTS, radius, directions, layers)
    assert (found.changes.tolist(), found.crossings.tolist()) == (changes, crossings)
    if radius > 0.01:
        assert found.crossings.sum() > 0
        assert (found.changes.sum() > found.crossings.sum()) == (layers is SILENT)


def test_any_network_that_gives_its_pre_activations():
    def residual(inputs):
        h = inputs @ LAYERS[0][0]
        for weight, bias in LAYERS[1:]:
            z = h @ weight + bias
            yield z
            h = h + np.maximum(z, 0)

    directions = frame_directions(6, 6, seed=3)
    found = local_complexity(POINTS, 0.5, directions, residual)
    assert found.changes.shape == (3, 30)
    one = np.stack(list(residual(frames(POINTS[7:8], 0.5, directions)[0])))
    np.testing.assert_array_equal(found.changes[:, 7], sign_changes(one).changes)


def test_a_linear_network_far_from_its_hyperplanes_is_not_complex():
    network = dense_relu([(np.eye(6), np.full(6, 100.0))] * 3)
    assert not local_complexity(POINTS, 1.0, np.eye(6), network).changes.any()


def test_directions_are_orthonormal_reproducible_and_spread():
    directions = frame_directions(50, 25, seed=4)
    np.testing.assert_allclose(directions @ directions.T, np.eye(25), atol=1e-12)
    np.testing.assert_array_equal(directions, frame_directions(50, 25, seed=4))
    assert (directions != frame_directions(50, 25, seed=5)).all()
    around = frames(POINTS, 0.5, frame_directions(6, 2, seed=0))
    np.testing.assert_allclose(np.linalg.norm(around - POINTS[:, None], axis=2), 0.5)
    np.testing.assert_allclose(around.mean(axis=1), POINTS)


@pytest.mark.parametrize(
    "call",
    [
        lambda: frame_directions(3, 4, seed=0),
        lambda: frame_directions(3, 0, seed=0),
        lambda: local_complexity(POINTS, 0.0, np.eye(6), dense_relu(LAYERS)),
        lambda: local_complexity(POINTS, np.nan, np.eye(6), dense_relu(LAYERS)),
        lambda: local_complexity(POINTS, 1.0, np.eye(5), dense_relu(LAYERS)),
    ],
)
def test_frames_that_do_not_exist_are_refused(call):
    with pytest.raises(GeometryError):
        call()
