"""The synthetic data sets by name: their options, defaults and seeds."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from geoflow.datasets import round_shapes, study_shapes
from geoflow.datasets.dataset import Dataset
from geoflow.datasets.rows import checked_n
from geoflow.errors import SpecError, unknown
from geoflow.specs import DatasetSpec

N = 1000
"""Default number of training points and of test points."""

STUDY = "Baptista et al., Sci. Rep. 14, 23383 (2024)"
FEATURE = "Hehl, von Renesse, Weber, arXiv 2509.22362 (2025)"


@dataclass(frozen=True)
class Choice:
    """An option that is one of a few words."""

    default: str
    allowed: tuple[str, ...]

    def checked(self, name: str, value: float | str) -> str:
        """Return the value, or name those there are."""
        if not isinstance(value, str) or value not in self.allowed:
            raise unknown(name, str(value), self.allowed, "choose one of these")
        return value


@dataclass(frozen=True)
class Number:
    """An option that is a number, low <= value < high."""

    default: float
    low: float
    high: float

    def checked(self, name: str, value: float | str) -> float:
        """Return the value as a float, or name the range."""
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not self.low <= float(value) < self.high:
            wanted = f"a number from {self.low:g} up to, not including, {self.high:g}"
            raise SpecError(f"{name} is {value!r}: give {wanted}")
        return float(value)


@dataclass(frozen=True)
class Synthetic:
    """A synthetic data set: its function (rng, n, **options) -> (x, y) and what it takes."""

    points: Callable[..., study_shapes.Sample]
    n_features: int
    classes: tuple[str, str]
    source: str
    options: Mapping[str, Choice | Number] = field(default_factory=dict)


SYNTHETIC: Mapping[str, Synthetic] = {
    "synthetic_a": Synthetic(study_shapes.synthetic_a, 3, ("roll", "opposite roll"), STUDY),
    "synthetic_b": Synthetic(
        study_shapes.synthetic_b,
        3,
        ("outside", "inside"),
        STUDY,
        {"shape": Choice("rods", ("rods", "balls")), "gap": Number(0.15, 0, 1)},
    ),
    "synthetic_c": Synthetic(study_shapes.synthetic_c, 3, ("slab", "sheet"), STUDY),
    "circles": Synthetic(
        round_shapes.circles,
        2,
        ("outer", "inner"),
        FEATURE,
        {"factor": Number(0.8, 0, 1), "noise": Number(0.05, 0, math.inf)},
    ),
    "inner_discs": Synthetic(round_shapes.inner_discs, 2, ("disc", "inner discs"), FEATURE),
    "cylinders": Synthetic(round_shapes.cylinders, 3, ("outer", "inner"), FEATURE),
    "tori": Synthetic(round_shapes.tori, 3, ("flat", "upright"), FEATURE),
}


def _options(spec: DatasetSpec, known: Mapping[str, Choice | Number]) -> dict[str, Any]:
    """Return every option of the data set, those of the spec checked, the others by default."""
    for name in spec.options:
        if name not in known:
            raise unknown(f"option of data set '{spec.name}'", name, known, "use these or none")
    return {
        name: option.checked(
            f"{name} of data set '{spec.name}'", spec.options.get(name, option.default)
        )
        for name, option in known.items()
    }


def synthetic_dataset(spec: DatasetSpec) -> Dataset:
    """Return a synthetic data set; test points come from their own stream of the seed.

    The streams are the two children of `SeedSequence(seed)`, so the test points do not depend on
    n_train nor the training points on n_test, and the two sets share no point.

    >>> synthetic_dataset(DatasetSpec("circles", n_train=10, n_test=4)).spec.options
    {'factor': 0.8, 'noise': 0.05}
    """
    made = SYNTHETIC[spec.name]
    if spec.scale is not None:
        what = f"scale is '{spec.scale}', but data set '{spec.name}' is synthetic"
        raise SpecError(f"{what} and has no scale: leave it out")
    options = _options(spec, made.options)
    whose = f"of data set '{spec.name}'"
    n_train = checked_n(N if spec.n_train is None else spec.n_train, 2, f"n_train {whose}")
    n_test = checked_n(N if spec.n_test is None else spec.n_test, 2, f"n_test {whose}")
    train, test = (np.random.default_rng(s) for s in np.random.SeedSequence(spec.seed).spawn(2))
    resolved = replace(spec, n_train=n_train, n_test=n_test, options=options)
    return Dataset(
        resolved,
        *made.points(train, n_train, **options),
        *made.points(test, n_test, **options),
        made.classes,
        made.source,
    )
