"""How alike two representations of the same points are, whatever their rotation and scale.

    CKA(X, Y)          = |X'Y|^2 / (|X'X| |Y'Y|)                             Frobenius, in [0, 1]
    unbiased CKA(X, Y) = H(X, Y) / sqrt(H(X, X) H(Y, Y))                     in [-1, 1]
    H(X, Y)            = |X'Y|^2 - n / (n - 2) sum_i |x_i|^2 |y_i|^2
                         + sum_i |x_i|^2 sum_i |y_i|^2 / ((n - 1) (n - 2))

X (n, d), Y (n, e): the points with centred columns, rows x_i, y_i. H is the unbiased estimate of
HSIC of linear kernels, times n (n - 3): of independent X and Y its mean is 0, where CKA grows with
d / n. Sources: Kornblith, Norouzi, Lee, Hinton 2019, Eq. 3 and section 3 (linear CKA); Song, Smola,
Gretton et al. 2012, Eq. 5 (unbiased HSIC); Nguyen, Raghu, Kornblith 2021 (unbiased CKA).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

from geoflow.errors import GeometryError
from geoflow.geometry.gram import centred_columns, column_slices

WIDEST = 1024
"""Layers of more coordinates, or of more than half as many as points, are kept as products of their
points, n (n - 1) / 2: products of coordinates (d, e) would be the larger."""

CENTRED_AT_ONCE = 4096
"""Rows that are centred at a time."""

ROUNDED_AWAY = 1e-12
"""Share of |X'X|^2 below which H(X, X) is rounding."""

SAME = "all points of a layer are the same"
TOO_FEW = "fewer than four points"
EQUIDISTANT = "all points of a layer are equally far from each other"


@dataclass(frozen=True)
class CentredLayer:
    """Points (n, d), what centres and scales them, and |x_i|^2 (n,) after that.

    ``products`` (n (n - 1) / 2,): of each two centred points, row after row, of wide layers alone:
    their points are not kept; ``few`` (n, d): the centred points, where a block holds them.
    """

    points: np.ndarray
    mean: np.ndarray
    scale: float
    sizes: np.ndarray
    products: np.ndarray | None
    few: np.ndarray | None

    @property
    def gram(self) -> np.ndarray:
        """The products of all centred points (n, n) of a wide layer."""
        assert self.products is not None
        found, start = np.diag(self.sizes), 0
        for at in range(len(found) - 1):
            stop = start + len(found) - 1 - at
            found[at, at + 1 :] = found[at + 1 :, at] = self.products[start:stop]
            start = stop
        return found

    def rows(self, start: int) -> np.ndarray:
        """Return a block of centred rows."""
        if self.few is not None:
            return self.few
        block: np.ndarray = (self.points[start : start + CENTRED_AT_ONCE] - self.mean) / self.scale
        return block


def needs_gram(n: int, d: int) -> bool:
    """Return whether a layer of n points in d coordinates is kept as products of points.

    >>> needs_gram(2000, 50), needs_gram(2000, 4000)
    (False, True)
    """
    return d > min(WIDEST, n / 2)


def centred_layer(points: np.ndarray) -> CentredLayer | None:
    """Return points (n, d) as they are compared, None if they are all the same."""
    n, d = points.shape
    if all((one == points[0]).all() for one in points):  # row by row: no mask of a whole layer
        return None
    mean = points.mean(axis=0, dtype=np.float64)
    low, high = points.min(axis=0) - mean, points.max(axis=0) - mean
    scale = float(max(-low.min(), high.max()))  # squares of squares neither overflow nor vanish
    sizes = np.zeros(n)
    gram = np.zeros((n, n)) if needs_gram(n, d) else None
    for some in column_slices(d):
        block = centred_columns(points, mean, scale, some)
        sizes += np.einsum("ij,ij->i", block, block)
        if gram is not None:
            gram += block @ block.T
    if gram is not None:
        above = np.concatenate([row[at + 1 :] for at, row in enumerate(gram)])
        return CentredLayer(np.empty((n, 0)), mean, scale, sizes, above, None)
    few = (points - mean) / scale if n <= CENTRED_AT_ONCE else None
    kept = points if few is None else np.empty((n, 0))
    return CentredLayer(kept, mean, scale, sizes, None, few)


def squared_product(one: CentredLayer, other: CentredLayer) -> float:
    """Return |X'Y|^2."""
    if one.products is not None and other.products is not None:
        return float(2 * np.vdot(one.products, other.products) + one.sizes @ other.sizes)
    if one.products is None and other.products is None:
        found = np.zeros((len(one.mean), len(other.mean)))
        for start in range(0, len(one.sizes), CENTRED_AT_ONCE):
            found += one.rows(start).T @ other.rows(start)
        return float(np.vdot(found, found))
    wide, narrow = (one, other) if one.products is not None else (other, one)
    starts = range(0, len(narrow.sizes), CENTRED_AT_ONCE)
    points = np.concatenate([narrow.rows(start) for start in starts])
    return float(np.vdot(points, wide.gram @ points))


def unbiased(squares: float, one: CentredLayer, other: CentredLayer) -> float:
    """Return H(X, Y) from |X'Y|^2."""
    n = len(one.sizes)
    alone = float(one.sizes @ other.sizes) * n / (n - 2)
    both = float(one.sizes.sum() * other.sizes.sum())
    return squares - alone + both / ((n - 1) * (n - 2))


@dataclass(frozen=True)
class Similarity:
    """How alike two layers are; a value that is None has a reason."""

    linear_cka: float | None
    unbiased_cka: float | None
    reason: str | None = None


def similarities(
    layers: Sequence[np.ndarray], others: Sequence[np.ndarray] | None = None
) -> Iterator[tuple[int, int, Similarity]]:
    """Yield the places and the similarity of each pair of layers (n, d_l), the first before.

    others: layers of another network on the same points; each of ``layers`` is then compared with
    each of them.

    >>> points = np.random.default_rng(0).normal(size=(50, 3))
    >>> turned = 2 * points[:, [1, 2, 0]] + 1
    >>> [(at, to, round(one.linear_cka, 12)) for at, to, one in similarities([points, turned])]
    [(0, 1, 1.0)]
    """
    first = [centred_layer(np.asarray(one)) for one in layers]
    second = None if others is None else [centred_layer(np.asarray(one)) for one in others]
    return centred_similarities(first, second)


def centred_similarities(
    first: Sequence[CentredLayer | None], others: Sequence[CentredLayer | None] | None = None
) -> Iterator[tuple[int, int, Similarity]]:
    """Yield what `similarities` does, of layers that are centred already."""
    norms = [None if one is None else squared_product(one, one) for one in first]
    second, seconds = first, norms
    pairs: Iterable[tuple[int, int]] = combinations(range(len(first)), 2)
    if others is not None:
        second = others
        seconds = [None if one is None else squared_product(one, one) for one in second]
        pairs = product(range(len(first)), range(len(second)))
    for at, to in pairs:
        yield at, to, similarity((first[at], second[to]), (norms[at], seconds[to]))


def similarity(
    pair: tuple[CentredLayer | None, CentredLayer | None], norms: tuple[float | None, float | None]
) -> Similarity:
    """Return the similarity of two layers from |X'X|^2 and |Y'Y|^2."""
    (one, other), (xx, yy) = pair, norms
    if one is None or other is None or xx is None or yy is None:
        return Similarity(None, None, SAME)
    xy = squared_product(one, other)
    biased = float(np.clip(xy / np.sqrt(xx) / np.sqrt(yy), 0, 1))
    if len(one.sizes) < 4:
        return Similarity(biased, None, TOO_FEW)
    own = unbiased(xx, one, one), unbiased(yy, other, other)
    if own[0] <= ROUNDED_AWAY * xx or own[1] <= ROUNDED_AWAY * yy:
        return Similarity(biased, None, EQUIDISTANT)
    found = unbiased(xy, one, other) / np.sqrt(own[0]) / np.sqrt(own[1])
    return Similarity(biased, float(np.clip(found, -1, 1)))


def linear_cka(points: np.ndarray, others: np.ndarray, *, is_unbiased: bool = False) -> float:
    """Return linear CKA of points (n, d) and others (n, e), NaN where it is not defined.

    >>> circle = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])
    >>> round(linear_cka(circle, circle[:, :1]), 12)  # 1 / sqrt(2)
    0.707106781187
    """
    if len(points) != len(others):
        raise GeometryError(
            f"{len(points)} points beside {len(others)}: give two layers of the same points"
        )
    ((_, _, found),) = similarities([points], [others])
    value = found.unbiased_cka if is_unbiased else found.linear_cka
    return float("nan") if value is None else value
