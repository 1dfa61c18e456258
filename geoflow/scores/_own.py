"""A user's own scores: a function is registered under a name, and asked for by it."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from geoflow.errors import SpecError, unknown
from geoflow.scores.catalogue import BUILT_IN
from geoflow.scores.entry import PLACES, Score, checked_settings, score_label
from geoflow.specs.values import Several, Text, about, brief
from geoflow.text.shown import shown

Function = TypeVar("Function", bound=Callable[..., Any])

KNOWN = ("labels", "predicted", "margin")
"""What a function of any level may ask for by the name of a parameter, (n,) each."""

PARAMETERS = {
    "network": ("layers", "pre", "post", *KNOWN),
    "layer": ("points", "layer", *KNOWN),
    "pair": ("points", "layer", "others", "other_layer", *KNOWN),
    "point": ("layers", "pre", "post", *KNOWN),
}
"""What functions of a level may ask for: see `geoflow.scores._values.given`."""

_registered: dict[str, Score] = {}


def layer_score(
    name: str,
    *,
    formula: str,
    source: str,
    low: float | None = None,
    high: float | None = None,
    **settings: Any,
) -> Callable[[Function], Function]:
    """Register a function of the points (n, d) of one layer, 0 the input, which returns a number.

    Its parameters say what it is given: ``points``, ``layer`` (its number), and, where they are
    known, ``labels``, ``predicted`` and ``margin`` (n,). formula, source: kept in the store; low,
    high: its bounds. A function that raises, or returns what is no finite number within the bounds,
    leaves NULL and the reason. It is measured where ``scores`` names it. Raises SpecError for a
    name that is built in, and for parameters that there are not.

    settings: what it is measured with, if it may be measured with other values too: ``k``,
    ``convention``, ``curvature``, ``alpha``, ``points`` and ``radius`` are columns of the views of
    scores. It is then asked for by its name with them, as `geoflow.scores.score_label` writes it:
    ``loops union k=10``.

    >>> @layer_score("demo_norm", formula="mean over points of |x|", source="mine", low=0)
    ... def demo_norm(points):
    ...     return (points**2).sum(axis=1).mean() ** 0.5
    >>> [one.needs for one in own_scores("demo_norm")]
    [('points',)]
    """
    return registering("layer", name, formula, source, (low, high), settings)


def network_score(
    name: str,
    *,
    formula: str,
    source: str,
    low: float | None = None,
    high: float | None = None,
    **settings: Any,
) -> Callable[[Function], Function]:
    """Register a function of the layers of a network, which returns a number; see `layer_score`.

    Its parameters may be ``layers`` (the input and the hidden layers, (n, d_l) each), ``pre`` and
    ``post`` (before and after each activation), ``labels``, ``predicted``, ``margin``.
    """
    return registering("network", name, formula, source, (low, high), settings)


def pair_score(
    name: str,
    *,
    formula: str,
    source: str,
    low: float | None = None,
    high: float | None = None,
    **settings: Any,
) -> Callable[[Function], Function]:
    """Register a function of two layers of a network, which returns a number; see `layer_score`.

    It is called for each pair of layers, the first before the second. Its parameters may be
    ``points`` (n, d) and ``layer`` of the first, ``others`` (n, e) and ``other_layer`` of the
    second, ``labels``, ``predicted``, ``margin``.

    >>> @pair_score("demo_steps", formula="m - l of layers l < m", source="mine", low=1)
    ... def demo_steps(layer, other_layer):
    ...     return other_layer - layer
    >>> [one.level for one in own_scores("demo_steps")]
    ['pair']
    """
    return registering("pair", name, formula, source, (low, high), settings)


def point_score(
    name: str,
    *,
    formula: str,
    source: str,
    low: float | None = None,
    high: float | None = None,
    **settings: Any,
) -> Callable[[Function], Function]:
    """Register a function that returns a number for each point (n,); see `network_score`."""
    return registering("point", name, formula, source, (low, high), settings)


def registering(
    level: str,
    name: str,
    formula: str,
    source: str,
    bounds: tuple[float | None, float | None],
    settings: Mapping[str, Any],
) -> Callable[[Function], Function]:
    """Return what registers a function and gives it back; one of the same label is replaced."""
    Text().checked("the name of a score", name)
    if name in {one.name for one in BUILT_IN}:
        raise SpecError(f"score '{name}' is built in: give yours another name")
    with about(f"score {brief(name)}"):
        measured_with = checked_settings(settings)
    label = Text().checked(
        "the name of a score, with its settings,", score_label(name, **dict(measured_with))
    )
    if shown(label) != label or name != name.strip():
        raise SpecError(f"score {brief(label)}: give it a name that can be printed")
    held = _registered.get(label)
    if held is not None and (held.name, held.settings) != (name, measured_with):
        raise SpecError(f"score '{label}' is another one: give this one another name")

    def register(function: Function) -> Function:
        _registered[label] = Score(
            name,
            level,
            formula,
            source,
            low=bounds[0],
            high=bounds[1],
            function=function,
            needs=needs_of(name, level, function),
            is_own=True,
            settings=measured_with,
        )
        return function

    return register


def needs_of(name: str, level: str, function: Callable[..., Any]) -> tuple[str, ...]:
    """Return the names of the parameters of a function, those that have a default left out."""
    if not callable(function):
        raise SpecError(f"score '{name}' must be a function, not {brief(function)}")
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        raise SpecError(f"score '{name}': write a function with named parameters") from None
    several = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    asked = [one for one in parameters if one.kind not in several]
    for one in asked:
        is_known = one.name in PARAMETERS[level]
        is_named = one.kind is not inspect.Parameter.POSITIONAL_ONLY
        if one.default is inspect.Parameter.empty and not (is_known and is_named):
            listed = ", ".join(PARAMETERS[level])
            raise SpecError(
                f"score '{name}' asks for '{one.name}': a function of a {level} may ask for"
                f" {listed}"
            )
    return tuple(one.name for one in asked if one.default is inspect.Parameter.empty)


def own_scores(names: str | Sequence[str]) -> tuple[Score, ...]:
    """Return the registered scores of some labels, each once, in order of the labels.

    Raises SpecError for a name that is not registered, and for one that is built in.
    """
    wanted = sorted(set(Several(Text()).checked("scores", names)))
    for name in wanted:
        if name in {one.name for one in BUILT_IN}:
            raise SpecError(f"score '{name}' is built in and always measured: leave it out")
        if name not in _registered:
            with about("a TOML file alone runs no code: give --scores FILE.py"):
                remedy = " or ".join(f"@geoflow.{level}_score" for level in PLACES)
                raise unknown("score", name, _registered, f"register it with {remedy}")
    return tuple(_registered[name] for name in wanted)


def registered() -> dict[str, Score]:
    """Return every score that has been registered in this process, by label."""
    return dict(_registered)
