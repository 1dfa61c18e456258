"""Conventions, curvatures, details and devices by name, and the types of fields that hold them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from geoflow.specs.values import LARGEST_SEED, Maybe, Number, OneOf, Several, Whole

CONVENTIONS = ("directed", "union", "mutual")
"""How ranked neighbours become a graph; see `geoflow.geometry.graph`."""


@dataclass(frozen=True)
class CurvatureKind:
    """Where the function of a kind of curvature is; it has the name of its kind.

    It takes a graph, and an idle mass and a number of threads if it ``has_alpha``, and returns
    one number per edge, in the order of ``graph.edges``.
    """

    module: str
    has_alpha: bool = False


CURVATURES = {
    "forman": CurvatureKind("geoflow.geometry.curvature.forman"),
    "augmented_forman": CurvatureKind("geoflow.geometry.curvature.triangles"),
    "approximate_ollivier": CurvatureKind("geoflow.geometry.curvature.triangles"),
    "ollivier": CurvatureKind("geoflow.geometry.curvature.ollivier", has_alpha=True),
}
"""Kinds of edge curvature; a new one is a row here and a function."""


DETAILS = ("graphs", "nodes", "edges", "pairs")
"""How much is kept per network, each level with all before it."""


USUAL_K = 10
"""Neighbours in the graphs of a single network, where none is said."""

STUDY_STORE_RANK = 10
"""Neighbours kept per point at detail graphs or nodes."""


DEVICES = ("cpu", "cuda")
"""Where geometry is computed; the results are the same."""


EXPORT_FORMATS = ("parquet", "csv", "json")
"""Files that tables and views are exported to, the default first."""


Seed = Annotated[int, Whole(0, LARGEST_SEED)]


Size = Annotated[int | None, Maybe(Whole(1))]


NumbersOfNeighbors = Annotated[tuple[int, ...], Several(Whole(1), fewest=1)]


Conventions = Annotated[tuple[str, ...], Several(OneOf(CONVENTIONS, "convention"), 1, "convention")]


Detail = Annotated[str, OneOf(DETAILS, "detail")]


Device = Annotated[str, OneOf(DEVICES, "device")]


Curvatures = Annotated[
    tuple[str, ...], Several(OneOf(tuple(CURVATURES), "curvature"), 0, "curvature")
]


Alphas = Annotated[tuple[float, ...], Several(Number(0, 1, is_open_high=True), 0, "alpha")]


def usual_convention(curvatures: Sequence[str]) -> tuple[str, ...]:
    """Return the convention where none is named: directed, or union for local geometry.

    >>> usual_convention([]), usual_convention(["forman"])
    (('directed',), ('union',))
    """
    return ("union",) if curvatures else ("directed",)
