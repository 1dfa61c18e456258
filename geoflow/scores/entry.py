"""A score is one function or one column, and one entry that says everything else about it.

From its entry come its rows in the views of scores, its check, its row of the table ``scores`` and
its line in the documentation.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from geoflow.errors import SpecError, unknown
from geoflow.specs.kinds import CONVENTIONS
from geoflow.specs.values import (
    Maybe,
    Number,
    OneOf,
    Rule,
    Text,
    Whole,
    about,
    brief,
    check_fields,
)

KEYS = {
    "k": "integer",
    "convention": "varchar",
    "curvature": "varchar",
    "alpha": "double",
    "points": "varchar",
    "radius": "double",
}
"""What tells rows of one score apart, as columns of every view of scores, and their types."""

SETTINGS: dict[str, Rule] = {
    "k": Whole(1),
    "convention": OneOf(CONVENTIONS, "convention"),
    "curvature": Text(),
    "alpha": Number(),
    "points": Text(),
    "radius": Number(),
}
"""What a user's score may be measured with, and the rule of each: values of `KEYS`."""

PLACES = {
    "network": (),
    "layer": ("layer",),
    "pair": ("layer", "other_layer"),
    "point": ("point",),
}
"""Levels that a score may be of, and the columns that say where in a network it stands."""


@dataclass(frozen=True)
class Score:
    """A score of a network, of its layers, of pairs of them or of points, with its bounds.

    It stands either in a ``relation`` (a table, a view, or a select in brackets) with the columns
    ``network_id``, those of its place and its ``keys``, as the SQL expression ``value``; or it is a
    ``function`` of the activations, which it ``needs`` by the names of its parameters. ``is_own``:
    a user's, measured where it is asked for, with ``settings``: (key, value) of some keys.
    """

    name: Annotated[str, Text()]
    level: Annotated[str, OneOf(tuple(PLACES), "level")]
    formula: Annotated[str, Text(longest=1000)]
    source: Annotated[str, Text(longest=1000)]
    low: Annotated[float | None, Maybe(Number())] = None
    high: Annotated[float | None, Maybe(Number())] = None
    relation: str = ""
    value: str = ""
    keys: tuple[str, ...] = ()
    function: Callable[..., Any] | None = None
    needs: tuple[str, ...] = ()
    is_own: bool = False
    settings: tuple[tuple[str, Any], ...] = ()

    def __post_init__(self) -> None:
        """Refuse an entry without a name, a formula or a source, and bounds that hold nothing."""
        with about(f"score {brief(self.name)}"):
            check_fields(self)
            if self.low is not None and self.high is not None and self.low > self.high:
                raise SpecError(f"low must not be above high, but {self.low} > {self.high}")

    @property
    def label(self) -> str:
        """The name with what it is measured with: that by which a score is asked for.

        >>> Score("loops", "layer", "f", "s", settings=(("k", 10), ("convention", "union"))).label
        'loops union k=10'
        """
        return score_label(self.name, **dict(self.settings))

    @property
    def bounds(self) -> str:
        """The bounds in words, empty where there are none.

        >>> Score("a", "layer", "f", "s", low=0).bounds, Score("a", "layer", "f", "s").bounds
        ('>= 0', '')
        """
        if self.low is not None and self.high is not None:
            return f"{self.low:g} to {self.high:g}"
        ends = ((">=", self.low), ("<=", self.high))
        return "".join(f"{sign} {end:g}" for sign, end in ends if end is not None)


def score_label(
    score: str,
    curvature: str | None = None,
    alpha: float | None = None,
    convention: str | None = None,
    k: int | None = None,
    points: str | None = None,
    radius: float | None = None,
) -> str:
    """Return a score with what it is measured with, as the macro of the same name does.

    >>> score_label("local_coefficient", "ollivier", 0.5, "union", 50)
    'local_coefficient ollivier(0.5) union k=50'
    """
    parts = (
        (score, "{}"),
        (curvature, "{}" if alpha is None else "{}" + f"({alpha:g})"),
        (convention, "{}"),
        (k, "k={}"),
        (points, "{}"),
        (radius, "r={:g}"),
    )
    return " ".join(form.format(value) for value, form in parts if value is not None)


def checked_settings(settings: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """Return what a score is measured with, in the order of `KEYS`.

    >>> checked_settings({"points": "40 farthest", "k": 10})
    (('k', 10), ('points', '40 farthest'))
    """
    for name in settings:
        if name not in SETTINGS:
            raise unknown("key of a score", name, SETTINGS, "choose one of these")
    if "alpha" in settings and "curvature" not in settings:
        raise SpecError("alpha is of a kind of curvature: give curvature too")
    return tuple(
        (name, rule.checked(name, settings[name]))
        for name, rule in SETTINGS.items()
        if name in settings
    )
