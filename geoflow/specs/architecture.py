"""Networks by their widths: named ones, listed ones, families."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from geoflow.errors import SpecError, unknown
from geoflow.specs.values import (
    Flag,
    Maybe,
    Number,
    OneOf,
    Several,
    Text,
    Whole,
    brief,
    check_fields,
    whole_in,
)

FAMILIES = ("plain", "residual", "dense", "fractional")
"""How the layers of a network are joined; see `geoflow.training.families`."""


OF_ONE_WIDTH = ("residual", "fractional")
"""Families that add layers to each other."""


DEFAULT_MEMORY_ORDER = 0.5
"""gamma of a fractional network where none is given."""


WIDTHS = ("narrow", "wide", "bottleneck")
"""Named widths of the 2024 paper: 25; 50; 50 with 25 in the middle hidden layer."""


USUAL_DEPTH = 5
"""Hidden layers of a named width, where no depth is said: the least of the 2024 paper."""


MOST_LAYERS = 10_000
"""Hidden layers of a network: the deepest that was ever trained (Xiao et al. 2018) has so many."""


LONGEST_WIDTH = 11 * MOST_LAYERS
"""Characters of the name of a width: digits and a hyphen for each layer."""


@dataclass(frozen=True)
class Architecture:
    """A fully connected network: one width per hidden layer; ``width`` is the name shown for them.

    ``family``: one of FAMILIES. ``batch_norm``: whether what the activation is applied to is
    normalised over the batch. ``memory_order``: gamma of the fractional family, in (0, 1]; None
    becomes 0.5 there and is all that other families take.
    """

    width: Annotated[str, Text(1, LONGEST_WIDTH)]
    widths: Annotated[tuple[int, ...], Several(Whole(1), 1, "a width")]
    family: Annotated[str, OneOf(FAMILIES, "family")] = "plain"
    activation: Annotated[str, OneOf(("relu",), "activation")] = "relu"
    batch_norm: Annotated[bool, Flag()] = False
    memory_order: Annotated[float | None, Maybe(Number(0, 1, is_open_low=True))] = None

    def __post_init__(self) -> None:
        """Refuse what no family is, and widths and options that the family cannot have."""
        check_fields(self)
        if self.family in OF_ONE_WIDTH and len(set(self.widths)) > 1:
            raise SpecError(
                f"family {self.family} adds layers to each other, but widths {self.width[:40]}"
                f" {brief(self.widths)} differ: give one width for all, or family"
                " plain or dense"
            )
        if self.family != "fractional" and self.memory_order is not None:
            raise SpecError(
                f"family {self.family} has no memory_order: leave it out, or choose fractional"
            )
        if self.family == "fractional" and self.memory_order is None:
            object.__setattr__(self, "memory_order", DEFAULT_MEMORY_ORDER)

    @property
    def depth(self) -> int:
        """The number of hidden layers L."""
        return len(self.widths)


def architecture(
    width: str | Sequence[int],
    depth: int | None = None,
    family: str = "plain",
    *,
    batch_norm: bool = False,
    memory_order: float | None = None,
) -> Architecture:
    """Return the architecture of a named width and a depth (5), or of a list of widths.

    >>> architecture("bottleneck", 5).widths
    (50, 50, 25, 50, 50)
    >>> architecture("64,32,16").depth
    3
    >>> architecture("30", 4).widths
    (30, 30, 30, 30)
    >>> architecture("wide", 5, "fractional").memory_order
    0.5
    """
    name, widths = named_widths(width, depth)
    return Architecture(name, widths, family, batch_norm=batch_norm, memory_order=memory_order)


def named_widths(width: str | Sequence[int], depth: int | None) -> tuple[str, tuple[int, ...]]:
    """Return the name shown for widths, and the units of each hidden layer."""
    layers = Maybe(Whole(1, MOST_LAYERS)).checked("depth", depth)
    listed = listed_widths(width)
    if isinstance(listed, str):
        layers = layers or USUAL_DEPTH
        widths = [25 if listed == "narrow" else 50] * layers
        if listed == "bottleneck":
            widths[(layers - 1) // 2] = 25
        return listed, tuple(widths)
    if len(listed) == 1 and layers is not None:
        return str(listed[0]), listed * layers
    if layers is not None and len(listed) != layers:
        raise SpecError(
            f"widths {brief(listed)} make {len(listed)} layers but depth is {layers}: leave one out"
        )
    return "-".join(map(str, listed)), listed


def listed_widths(width: object) -> str | tuple[int, ...]:
    """Return one of the names WIDTHS, or the widths that a text or a list names."""
    if isinstance(width, str) and width in WIDTHS:
        return width
    listed = width
    if isinstance(width, str):
        try:
            listed = [whole_in(part.strip()) for part in width.replace("-", ",").split(",")]
        except ValueError:
            raise unknown("width", width, WIDTHS, "or give a list such as 50,25,50") from None
    elif not isinstance(width, Sequence):
        names = ", ".join(WIDTHS)
        raise SpecError(f"width must be {names} or a list of integers, not {brief(width)}")
    return tuple(Several(Whole(1), 1, "a width").checked("widths", listed))
