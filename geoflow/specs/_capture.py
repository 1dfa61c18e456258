"""How activations are taken of a model: memory, batches, projection."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypedDict

from geoflow.errors import SpecError, refuse_unknown
from geoflow.specs.kinds import Seed, Size
from geoflow.specs.values import brief, check_fields

SIZE = re.compile(r"([0-9]{1,18}(?:\.[0-9]{1,6})?) ?([KMGT]?)B?")
UNITS_OF_MEMORY = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


class Memory:
    """A number of bytes, or a text such as 4G or 500 MB; None for half of what is free."""

    def checked(self, name: str, value: Any) -> int | None:
        """Return the bytes."""
        if value is None:
            return None
        found = SIZE.fullmatch(value.strip().upper()) if isinstance(value, str) else None
        if found:
            value = int(float(found[1]) * UNITS_OF_MEMORY[found[2]])
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise SpecError(
                f"{name} must be a number of bytes, or text such as 4G, not {brief(value)}"
            )
        return value


class CaptureWords(TypedDict, total=False):
    """The fields of `CaptureSpec` as words of a call."""

    memory: int | str | None
    batch_size: int | None
    project: int | None
    project_seed: int


@dataclass(frozen=True)
class CaptureSpec:
    """How activations are taken.

    ``memory``: bytes that layers and the work on them may take, or text such as "4G"; by default
    half of what is free. ``batch_size``: rows of arrays that the model is given at once, by default
    64, fewer of large ones; loaders have their own. ``project``: wider layers are projected to so
    many coordinates, with ``project_seed``; by default none is.

    >>> CaptureSpec(memory="1.5G").memory
    1500000000
    """

    memory: Annotated[Any, Memory()] = None
    batch_size: Size = None
    project: Size = None
    project_seed: Seed = 0

    def __post_init__(self) -> None:
        """Refuse sizes there cannot be."""
        check_fields(self)


def asked_capture(words: Mapping[str, Any]) -> CaptureSpec:
    """Return the spec that the words of a call ask for.

    >>> asked_capture({"memory": "2K"}).memory
    2000
    """
    refuse_unknown("option", words, (*CaptureWords.__annotations__, "layers", "pool"))
    return CaptureSpec(**words)
