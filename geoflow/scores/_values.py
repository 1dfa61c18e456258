"""Scores that functions compute of activations, a user's own among them, as rows of tables.

What a user's function does wrong is its own: it leaves NULL and the reason, and the rest of the
network is measured all the same. It is given arrays that it cannot change.
"""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl

from geoflow.scores.catalogue import BUILT_IN
from geoflow.scores.entry import PLACES, Score
from geoflow.scores.rows import VALUES
from geoflow.text.shown import short

Given = Mapping[str, Any]

_of_input: dict[str, tuple[Any, tuple[float | None, str | None]]] = {}
"""By score: the last input, and the score of it."""

UNKNOWN = {
    "labels": "there are no labels",
    "predicted": "there are no predictions",
    "margin": "there are no logits",
    "pre": "there are no pre-activations",
    "post": "there are no activations of their own",
}
"""Why a function that needs it has no value."""


def given(
    layers: Sequence[np.ndarray],
    *,
    labels: np.ndarray | None = None,
    predicted: np.ndarray | None = None,
    margin: np.ndarray | None = None,
    pre: Sequence[np.ndarray] | None = None,
    post: Sequence[np.ndarray] | None = None,
) -> dict[str, Any]:
    """Return what functions may ask for, by the names of their parameters; arrays are read-only.

    layers: the input and the hidden layers, (n, d_l) each; labels, predicted, margin (n,); pre,
    post: what enters and leaves the activation of each hidden layer. None is not known.
    """
    lists = {"layers": layers, "pre": pre, "post": post}
    known = {"labels": labels, "predicted": predicted, "margin": margin}
    found: dict[str, Any] = {
        name: None if arrays is None else sealed_layers(arrays) for name, arrays in lists.items()
    }
    return found | {name: None if one is None else sealed(one) for name, one in known.items()}


def sealed(array: np.ndarray) -> np.ndarray:
    """Return a view of an array that cannot be written to."""
    view = np.asarray(array).view()
    view.flags.writeable = False
    return view


def sealed_layers(layers: Sequence[np.ndarray]) -> Sequence[np.ndarray]:
    """Return views of arrays that cannot be written to; those on demand are made one at a time."""
    if isinstance(layers, list | tuple):
        return [sealed(one) for one in layers]
    return SealedLayers(layers)


class SealedLayers(Sequence[np.ndarray]):
    """Layers that are made when they are asked for, and cannot be written to."""

    def __init__(self, layers: Sequence[np.ndarray]) -> None:
        self.layers = layers

    def __len__(self) -> int:
        return len(self.layers)

    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        return sealed(self.layers[at])


class LayerScores:
    """Scores of layers that need no other layer, computed as somebody goes from one to the next."""

    def __init__(self, known: Given, own: Sequence[Score] = ()) -> None:
        self.known = known
        every = [one for one in (*BUILT_IN, *own) if one.level == "layer" and one.function]
        self.scores = [one for one in every if not {"layers", "pre", "post"} & set(one.needs)]
        self.rows: dict[str, list[tuple[Any, ...]]] = {one.label: [] for one in self.scores}

    def add(self, layer: int, points: np.ndarray) -> None:
        """Compute the scores of a layer."""
        for one in self.scores:
            self.rows[one.label].append(layer_row(one, self.known, layer, sealed(points)))


def score_frames(
    known: Given, own: Sequence[Score] = (), walked: LayerScores | None = None
) -> dict[str, pl.DataFrame]:
    """Return the tables of the built-in scores that are functions and of a user's own.

    known: see `given`; ``walked``: scores of layers that are computed already. A table is there if
    it has rows.

    >>> from geoflow.scores._own import own_scores, point_score
    >>> @point_score("demo_length", formula="|x_L|", source="mine", high=1)
    ... def demo_length(layers):
    ...     return abs(layers[-1]).sum(axis=1)
    >>> layers = [np.eye(2), np.array([[1.0], [2.0]])]
    >>> score_frames(given(layers), own_scores("demo_length"))["point_score_values"].rows()
    [(0, 'demo_length', 1.0, None), (1, 'demo_length', None, '2 is above 1')]
    """
    functions = [one for one in BUILT_IN if one.function is not None]
    tables = {}
    for level, table in VALUES.items():
        places = PLACES[level]
        rows = [
            row
            for one in (*functions, *own)
            if one.level == level
            for row in ({} if walked is None else walked.rows).get(one.label)
            or score_rows(one, known)
        ]
        types: dict[str, Any] = dict.fromkeys(places, pl.Int32)
        types |= {"score": pl.String, "value": pl.Float64, "reason": pl.String}
        if rows:
            tables[table] = pl.DataFrame(rows, schema=types, orient="row")
    return tables


def scores_without_value(tables: Mapping[str, pl.DataFrame]) -> list[str]:
    """Return in words which scores of `score_frames` have no value anywhere, or not everywhere.

    One line each, with the first reason.
    """
    said = []
    for level, table in VALUES.items():
        if table in tables:
            lacking = tables[table].filter(pl.col("value").is_null())
            first = lacking.unique("score", keep="first", maintain_order=True)
            for row in first.iter_rows(named=True):
                where = "".join(f" of {one} {row[one]}" for one in PLACES[level])
                said.append(f"score {row['score']}{where}: {row['reason']}")
    return said


def score_rows(score: Score, known: Given) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a score: where in the network, its label, its value and why it has none."""
    match score.level:
        case "network":
            yield (score.label, *number(score, known))
        case "layer":
            for layer, points in enumerate(known["layers"]):
                yield layer_row(score, known, layer, points)
        case "pair":
            for (layer, points), (other, others) in combinations(enumerate(known["layers"]), 2):
                here = {"points": points, "layer": layer, "others": others, "other_layer": other}
                yield (layer, other, score.label, *number(score, {**known, **here}))
        case "point":
            numbers = numbers_of(score, known)
            for point, (value, reason) in enumerate(numbers):
                yield point, score.label, value, reason


def layer_row(score: Score, known: Given, layer: int, points: np.ndarray) -> tuple[Any, ...]:
    """Return the row of a score of a layer."""
    here = {**known, "points": points, "layer": layer}
    found = input_number(score, here) if layer == 0 else number(score, here)
    return (layer, score.label, *found)


def input_number(score: Score, known: Given) -> tuple[float | None, str | None]:
    """Return a score of the input layer: one of the points alone is computed once for all networks.

    The last input is known again by its bytes: reading them costs far less than most scores.
    """
    points: np.ndarray = known["points"]
    if score.is_own or score.needs != ("points",):
        return number(score, known)
    key = points.shape, points.dtype.str, blake2b(np.ascontiguousarray(points).data).digest()
    held = _of_input.get(score.name)
    if held is None or held[0] != key:
        held = _of_input[score.name] = key, number(score, known)
    return held[1]


def number(score: Score, known: Given) -> tuple[float | None, str | None]:
    """Return the value of a score that is one number, or None and why there is none."""
    found, reason = called(score, known)
    if reason is not None:
        return None, reason
    is_complex = getattr(getattr(found, "dtype", None), "kind", "") == "c"
    if getattr(found, "ndim", 0) != 0 or is_complex or not hasattr(found, "__float__"):
        return None, f"it returned {kind_of(found)}, not a number"
    try:
        value = float(found)
    except Exception as error:  # whatever a user's type does
        return None, error_line(error)
    return bounded(score, value)


def numbers_of(score: Score, known: Given) -> list[tuple[float | None, str | None]]:
    """Return the values of a score of every point, or None and why there are none."""
    n = len(known["layers"][0])
    found, reason = called(score, known)
    if reason is None:
        try:
            array = np.asarray(found)
            values = array.astype(np.float64, casting="safe")
        except Exception:  # whatever a user's type does
            reason = f"it returned {kind_of(found)}, not {n} numbers"
        else:
            if values.shape == (n,):
                return [bounded(score, float(one)) for one in values]
            reason = f"it returned an array of shape {values.shape}, not ({n},)"
    return [(None, reason)] * n


def called(score: Score, known: Given) -> tuple[Any, str | None]:
    """Return what the function of a score returns, or why it was not called or what it raised."""
    for name in score.needs:
        if known[name] is None:
            return None, UNKNOWN[name]
    assert score.function is not None
    try:
        return score.function(**{name: known[name] for name in score.needs}), None
    except (Exception, SystemExit) as error:  # whatever a user's function does
        return None, error_line(error)


def bounded(score: Score, value: float) -> tuple[float | None, str | None]:
    """Return a value that is finite and within the bounds of its score, or None and why not.

    >>> share = Score("share", "layer", "f", "s", low=0, high=1)
    >>> bounded(share, 0.5), bounded(share, float("nan")), bounded(share, -1)
    ((0.5, None), (None, 'it is not finite'), (None, '-1 is below 0'))
    """
    if not np.isfinite(value):
        return None, "it is not finite"
    if score.low is not None and value < score.low:
        return None, f"{value:.17g} is below {score.low:g}"
    if score.high is not None and value > score.high:
        return None, f"{value:.17g} is above {score.high:g}"
    return value, None


def error_line(error: BaseException) -> str:
    r"""Return an error in one line.

    >>> error_line(ValueError("two\nlines"))
    'ValueError: two lines'
    """
    try:
        said = str(error)
    except Exception:  # a user's error may fail to say what it is
        said = ""
    return short(" ".join(f"{type(error).__name__}: {said}".split()), 200)


def kind_of(found: object) -> str:
    """Return in words what a function returned."""
    if isinstance(found, np.ndarray):
        return f"an array of shape {found.shape} and type {found.dtype}"
    return "nothing" if found is None else f"a value of type {type(found).__name__}"
