"""The synthetic data sets by name: their options, defaults and seeds."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from geoflow.datasets import _round_shapes as round_shapes
from geoflow.datasets import _study_shapes as study_shapes
from geoflow.datasets._dataset import Dataset
from geoflow.datasets._rows import checked_n
from geoflow.datasets._uniform import Sample
from geoflow.errors import SpecError, unknown
from geoflow.specs import DatasetSpec
from geoflow.specs.values import Number, OneOf, Rule, brief

N = 1000
"""Default number of training points and of test points."""

MOST_NOISE = 1e6
"""Deviation of noise: float32 tells points of size 1 apart up to there."""

STUDY = "Baptista et al., Sci. Rep. 14, 23383 (2024)"
FEATURE = "Hehl, von Renesse, Weber, arXiv 2509.22362 (2025)"


@dataclass(frozen=True)
class OptionKind:
    """What an option is by default, and what it may be."""

    default: float | str
    rule: Rule

    def checked(self, name: str, value: float | str) -> float | str:
        """Return the value, numbers as floats."""
        found = self.rule.checked(name, value)
        return found if isinstance(found, str) else float(found)


@dataclass(frozen=True)
class Synthetic:
    """A synthetic data set: its function (rng, n, **options) -> (x, y) and what it takes."""

    points: Callable[..., Sample]
    n_features: int
    classes: tuple[str, str]
    source: str
    options: Mapping[str, OptionKind] = field(default_factory=dict)


SYNTHETIC: Mapping[str, Synthetic] = {
    "synthetic_a": Synthetic(
        study_shapes.synthetic_a,
        3,
        ("roll", "opposite roll"),
        STUDY,
        {"thickness": OptionKind(0.0, Number(0, math.pi / 2))},
    ),
    "synthetic_b": Synthetic(
        study_shapes.synthetic_b,
        3,
        ("outside", "inside"),
        STUDY,
        {
            "shape": OptionKind(
                "rods", OneOf(("rods", "balls"), "shape of data set 'synthetic_b'")
            ),
            "gap": OptionKind(0.15, Number(0, 1, is_open_high=True)),
        },
    ),
    "synthetic_c": Synthetic(study_shapes.synthetic_c, 3, ("slab", "sheet"), STUDY),
    "circles": Synthetic(
        round_shapes.circles,
        2,
        ("outer", "inner"),
        FEATURE,
        {
            "factor": OptionKind(0.8, Number(0, 1, is_open_high=True)),
            "noise": OptionKind(0.05, Number(0, MOST_NOISE)),
        },
    ),
    "inner_discs": Synthetic(round_shapes.inner_discs, 2, ("disc", "inner discs"), FEATURE),
    "cylinders": Synthetic(round_shapes.cylinders, 3, ("outer", "inner"), FEATURE),
    "tori": Synthetic(round_shapes.tori, 3, ("flat", "upright"), FEATURE),
}


def _options(spec: DatasetSpec, known: Mapping[str, OptionKind]) -> dict[str, Any]:
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


def filled_spec(spec: DatasetSpec) -> DatasetSpec:
    """Return a spec with every default filled in; refuse what this data set cannot be."""
    made = SYNTHETIC[spec.name]
    if spec.scale is not None:
        what = f"scale is {brief(spec.scale)}, but data set '{spec.name}' is synthetic"
        raise SpecError(f"{what} and has no scale: leave it out")
    options = _options(spec, made.options)
    whose = f"of data set '{spec.name}'"
    n_train = checked_n(N if spec.n_train is None else spec.n_train, 2, f"n_train {whose}")
    n_test = checked_n(N if spec.n_test is None else spec.n_test, 2, f"n_test {whose}")
    return replace(spec, n_train=n_train, n_test=n_test, options=options)


def synthetic_dataset(spec: DatasetSpec) -> Dataset:
    """Return a synthetic data set; test points come from their own stream of the seed.

    The streams are the two children of `SeedSequence(seed)`, so the test points do not depend on
    n_train nor the training points on n_test, and the two sets share no point.

    >>> synthetic_dataset(DatasetSpec("circles", n_train=10, n_test=4)).spec.options
    {'factor': 0.8, 'noise': 0.05}
    """
    made, whole = SYNTHETIC[spec.name], filled_spec(spec)
    train, test = (np.random.default_rng(s) for s in np.random.SeedSequence(spec.seed).spawn(2))
    return Dataset(
        whole,
        *made.points(train, whole.n_train or N, **whole.options),
        *made.points(test, whole.n_test or N, **whole.options),
        made.classes,
        made.source,
    )
