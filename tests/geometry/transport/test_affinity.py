import numpy as np
import ot
import pytest

from geoflow.errors import GeometryError
from geoflow.geometry.transport.affinity import CONSTANT, FLAT, affinity, affinity_signature

RNG = np.random.default_rng(0)
X = RNG.normal(size=(150, 4)) @ RNG.normal(size=(4, 4))


def relu(points):
    return np.maximum(points, 0)


@pytest.mark.parametrize(("power", "expected"), [(3, 0.711), (5, 0.577), (11, 0.399), (21, 0.289)])
def test_odd_powers_have_their_known_scores(power, expected):
    x = RNG.uniform(-1, 1, size=(20_000, 1))
    assert affinity(x, x**power).affinity == pytest.approx(expected, abs=0.01)


def test_relu_of_a_normal_has_its_closed_form():
    x = RNG.normal(size=(20_000, 1))
    correlation = 0.5 / np.sqrt(0.5 - 0.5 / np.pi)  # mean x relu(x) = 1/2, mean relu = 1/sqrt(2 pi)
    expected = 1 - np.sqrt(1 - correlation)
    assert affinity(x, relu(x)).affinity == pytest.approx(expected, abs=0.01)
    many = RNG.normal(size=(1000, 3))  # coordinate by coordinate the same
    assert affinity(many, relu(many)).affinity == pytest.approx(expected, abs=0.03)


@pytest.mark.parametrize("f", [np.exp, np.tanh, relu, np.sinh, np.cbrt])
def test_increasing_functions_of_one_variable(f):
    x = RNG.normal(size=(300, 1))
    share = 299 / 300 * (1 - np.corrcoef(x[:, 0], f(x)[:, 0])[0, 1])
    assert affinity(x, f(x)).affinity == pytest.approx(1 - np.sqrt(share), abs=1e-5)


def test_affine_maps_that_are_positive_score_1_and_others_do_not():
    root = RNG.normal(size=(4, 4))
    assert affinity(X, X @ (root @ root.T) + 3).affinity == pytest.approx(1.0, abs=1e-5)
    assert affinity(X, X).affinity == pytest.approx(1.0, abs=1e-5)
    skewed = RNG.exponential(size=(200, 2))
    assert affinity(skewed, -skewed).affinity < 0.9


@pytest.mark.parametrize("f", [relu, np.tanh, np.square, np.sin])
def test_samples_in_space_against_pot(f):
    y = f(X)
    ridge = 1e-6 * np.eye(4)
    before, after = np.cov(X.T) + ridge, np.cov(y.T) + ridge
    means = X.mean(axis=0), y.mean(axis=0)
    a, b = ot.gaussian.bures_wasserstein_mapping(*means, before, after)
    share = ot.emd2([], [], ot.dist(X @ a + b, y)) / (2 * np.trace(after))
    assert affinity(X, y).affinity == pytest.approx(1 - np.sqrt(share), abs=1e-9)


def test_few_points_have_the_covariance_over_n_less_1():
    x = np.array([[0.0], [1.0], [3.0]])
    y = np.array([[0.0], [0.0], [6.0]])
    share = 2 / 3 * (1 - np.corrcoef(x[:, 0], y[:, 0])[0, 1])
    assert affinity(x, y).affinity == pytest.approx(1 - np.sqrt(share), abs=1e-6)


def test_units_and_axes_do_not_matter():
    expected = affinity(X, relu(X)).affinity
    turn = np.linalg.qr(RNG.normal(size=(4, 4)))[0]
    for x, y in [
        (X + 9, relu(X) - 9),
        (1e4 * X, 7 * relu(X)),
        (1e200 * X, 1e100 * relu(X)),
        (X @ turn, relu(X) @ turn),
    ]:
        assert affinity(x, y).affinity == pytest.approx(expected, abs=1e-4)


ODD = {
    "one point": (np.ones((1, 3)), np.ones((1, 3)), CONSTANT),
    "constant output": (X, np.full_like(X, 0.1), CONSTANT),
    "flat output": (X, 1e-6 * X, FLAT),
    "subnormal output": (X, 1e-310 * X, FLAT),
    "constant input": (np.ones_like(X), X, None),
    "dead neurons": (X, relu(X) * [1, 1, 0, 0], None),
    "two points": (X[:2], relu(X[:2]), None),
    "duplicates": (np.repeat(X[:9], 9, axis=0), relu(np.repeat(X[:9], 9, axis=0)), None),
    "one dimension of many": (X[:, :1] * np.ones(40), relu(X[:, :1] * np.ones(40)), None),
    "more dimensions than points": (X[:8] @ X.T, relu(X[:8] @ X.T), None),
    "huge and singular": (1e250 * X[:8] @ X.T, relu(X[:8] @ X.T), None),
    "tiny input": (1e-310 * X, relu(X), None),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_samples_have_a_number_or_a_reason(name):
    x, y, reason = ODD[name]
    found = affinity(x, y)
    assert found.reason == reason
    if reason is None:
        assert 0 <= found.affinity <= 1
    else:
        assert found.affinity is None


def test_signature_is_in_the_order_of_the_activations():
    pairs = [(X, relu(X)), (X, X)]
    assert affinity_signature(pairs) == [affinity(*pair) for pair in pairs]


def test_widths_that_differ_are_refused():
    with pytest.raises(GeometryError, match="sample 1 has shape"):
        affinity(X, X[:, :2])
