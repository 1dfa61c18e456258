"""How the transport geometry of a network is measured."""

from dataclasses import dataclass
from typing import Annotated, Any

from geoflow.errors import SpecError
from geoflow.specs.kinds import Seed
from geoflow.specs.values import Number, Several, Whole, about, brief, check_fields


@dataclass(frozen=True)
class TransportSpec:
    """How the transport geometry of a network is measured; see `geoflow.geometry.transport.scores`.

    ``radii``: of the frames of local complexity, in the unit of the input; ``n_directions``: of a
    frame, at most the features of the input; ``n_points``: how many points of each kind (train,
    test, random) it is measured around, drawn with ``seed``, as are the 8,000 points that all else
    is measured on where there are more.
    """

    radii: Annotated[
        tuple[float, ...], Several(Number(0, is_open_low=True, is_single=True), 1, "radius")
    ] = (0.05, 0.2, 1.0)
    n_directions: Annotated[int, Whole(1)] = 25
    n_points: Annotated[int, Whole(1)] = 500
    seed: Seed = 0

    def __post_init__(self) -> None:
        """Refuse radii, directions and points there cannot be."""
        with about("transport"):
            check_fields(self)
            if len(set(self.radii)) < len(self.radii):
                raise SpecError(f"radii are {brief(self.radii)}: give each once")


class TransportRule:
    """True for the usual transport geometry, False or None for none, or how it is measured."""

    def checked(self, name: str, value: Any) -> TransportSpec | None:
        """Return how transport geometry is measured, None for not at all."""
        if value is None or value is False:
            return None
        if value is True:
            return TransportSpec()
        if isinstance(value, TransportSpec):
            return value
        raise SpecError(f"{name} must be true, false or a TransportSpec, not {brief(value)}")


Transport = Annotated[TransportSpec | None, TransportRule()]


def asked_transport(asked: TransportSpec | bool | None) -> TransportSpec | None:
    """Return how transport geometry is measured where it is asked for, None for not at all.

    >>> asked_transport(True) == TransportSpec(), asked_transport(False)
    (True, None)
    """
    return TransportRule().checked("transport", asked)
