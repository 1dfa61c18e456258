"""Which graphs are made of a layer, and how much of them is kept."""

from dataclasses import dataclass

from geoflow.errors import SpecError
from geoflow.specs.kinds import (
    CURVATURES,
    Alphas,
    Conventions,
    Curvatures,
    Detail,
    Device,
    NumbersOfNeighbors,
    Seed,
    Size,
)
from geoflow.specs.values import check_fields


@dataclass(frozen=True)
class GeometrySpec:
    """Which graphs to make of every layer, how much of them to keep, and where to compute.

    ``store_rank``: neighbours are kept up to this rank; None lets the detail decide.
    ``n_sources``: hop totals are estimated from so many points drawn with ``seed``; None takes
    all points and is exact. ``device``: one of DEVICES; it changes no result. ``curvatures``:
    kinds of CURVATURES whose local geometry is wanted, of the undirected graphs; ``alphas``: idle
    masses of those that have one.
    """

    k: NumbersOfNeighbors
    conventions: Conventions = ("directed",)
    detail: Detail = "edges"
    store_rank: Size = None
    n_sources: Size = None
    seed: Seed = 0
    device: Device = "cpu"
    curvatures: Curvatures = ()
    alphas: Alphas = (0.0,)

    def __post_init__(self) -> None:
        """Refuse an empty or impossible list of k, an unknown convention, detail or curvature."""
        check_fields(self)
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

    @property
    def undirected(self) -> tuple[str, ...]:
        """The conventions whose graphs have a local geometry."""
        return tuple(one for one in self.conventions if one != "directed")
