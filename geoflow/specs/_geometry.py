"""Which graphs are made of a layer, and how much of them is kept.

An option of geometry is a field of `GeometryOptions`, a word of `GeometryWords` and an option of
the command line (`geoflow.cli.options.geometry`). Whoever takes these words makes a spec of them
with `asked_geometry`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Annotated, Any, TypedDict

from geoflow.errors import SpecError, refuse_unknown
from geoflow.specs.kinds import (
    CURVATURES,
    USUAL_K,
    Alphas,
    Conventions,
    Curvatures,
    Detail,
    Device,
    NumbersOfNeighbors,
    Seed,
    Size,
    usual_convention,
)
from geoflow.specs.values import Flag, Made, Maybe, check_fields

USUAL: Any = None
"""What stands in a field that is settled by others: the convention is directed, or union with
curvatures; the output is a layer with curvatures."""


@dataclass(frozen=True)
class NeighborCounts:
    """How many neighbours the points of a graph have: one number, or one for each graph."""

    k: NumbersOfNeighbors


@dataclass(frozen=True)
class GeometryOptions:
    """What is asked of every layer beside k.

    ``convention``: one of CONVENTIONS or several, each a graph; by default directed, union with
    curvatures. ``detail``: how much is kept. ``store_rank``: neighbours are kept up to this rank;
    None lets the detail decide. ``n_sources``: hop totals are estimated from so many points drawn
    with ``seed``; None takes all points and is exact. ``device``: one of DEVICES; it changes no
    result. ``curvatures``: kinds of CURVATURES whose local geometry is wanted, of the undirected
    graphs; ``alphas``: idle masses of those that have one. ``output``: whether the output of a
    network is a layer too, after its hidden ones; by default where curvatures are asked for.
    """

    convention: Conventions = USUAL
    detail: Detail = "edges"
    store_rank: Size = None
    n_sources: Size = None
    seed: Seed = 0
    device: Device = "cpu"
    curvatures: Curvatures = ()
    alphas: Alphas = (0.0,)
    output: Annotated[bool | None, Maybe(Flag())] = USUAL

    def check(self) -> None:
        """Refuse fields that break their rules; settle convention and output where none is said."""
        is_usual = self.convention is USUAL
        if is_usual:
            object.__setattr__(self, "convention", usual_convention(()))
        check_fields(self)
        if is_usual:
            object.__setattr__(self, "convention", usual_convention(self.curvatures))
        if self.output is USUAL:
            object.__setattr__(self, "output", bool(self.curvatures))

    @property
    def undirected(self) -> tuple[str, ...]:
        """The conventions whose graphs have a local geometry."""
        return tuple(one for one in self.convention if one != "directed")


@dataclass(frozen=True)
class GeometrySpec(GeometryOptions, NeighborCounts):
    """Which graphs to make of every layer, how much of them to keep, and where to compute.

    The fields are k and those of `GeometryOptions`; one value stands for a tuple of one.

    >>> GeometrySpec(k=10, curvatures="forman").convention
    ('union',)
    """

    def __post_init__(self) -> None:
        """Refuse an empty or impossible list of k, an unknown convention, detail or curvature."""
        self.check()
        if self.n_sources is not None and self.detail == "pairs":
            raise SpecError("detail pairs needs every distance: leave out n_sources")
        if self.curvatures and not self.undirected:
            raise SpecError(
                f"curvature {self.curvatures[0]} at a point needs an undirected graph: add"
                " convention union or mutual"
            )
        for kind in self.curvatures:
            if CURVATURES[kind].has_alpha and not self.alphas:
                raise SpecError(f"curvature {kind} needs an idle mass: give alphas, [0] for none")


class GeometryWords(TypedDict, total=False):
    """The same options as words of a call; ``geometry`` is all of them at once."""

    geometry: GeometrySpec
    k: int | Sequence[int]
    convention: str | Sequence[str] | None
    detail: str
    store_rank: int | None
    n_sources: int | None
    seed: int
    device: str
    curvatures: str | Sequence[str]
    alphas: float | Sequence[float]
    output: bool | None


GEOMETRY_FIELDS = tuple(field.name for field in fields(GeometrySpec))
"""k and the names of all options of geometry."""


def asked_geometry(words: Mapping[str, Any]) -> GeometrySpec:
    """Return the spec that the words of a call ask for: ``geometry``, or its fields one by one.

    >>> asked_geometry({"detail": "nodes"}).k  # the usual one
    (10,)
    >>> asked_geometry({"k": 10, "convetion": "union"})
    Traceback (most recent call last):
    geoflow.errors.SpecError: unknown option 'convetion', did you mean 'convention'? Known: \
alphas, convention, curvatures, detail, device, geometry, k, n_sources, output, seed, store_rank; \
remove or correct it
    """
    refuse_unknown("option", words, GeometryWords.__annotations__)
    options = dict(words)
    geometry = options.pop("geometry", None)
    if geometry is None:
        return GeometrySpec(**({"k": USUAL_K} | options))
    if options:
        raise SpecError(f"give geometry or {', '.join(options)}, not both")
    made: GeometrySpec = Made(GeometrySpec).checked("geometry", geometry)
    return made


def beside_k(options: GeometryOptions) -> dict[str, Any]:
    """Return the options of geometry beside k by name, for another spec to hold.

    >>> beside_k(GeometrySpec(k=10, detail="nodes"))["detail"]
    'nodes'
    """
    return {field.name: getattr(options, field.name) for field in fields(GeometryOptions)}
