"""A data set by name, with everything that changes its points."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from geoflow.specs.kinds import Seed, Size
from geoflow.specs.values import Maybe, Number, Table, Text, about, brief, check_fields


@dataclass(frozen=True)
class Option:
    """A rule: what an option of a data set may be before it is known which options there are."""

    def checked(self, name: str, value: object) -> float | str:
        """Return a number or a word."""
        rule = Text(0) if isinstance(value, str) else Number()
        return rule.checked(f"option {name}", value)


@dataclass(frozen=True)
class DatasetSpec:
    """A data set by name, with everything that changes its points.

    ``None`` means the data set's own default; `geoflow.datasets.load` returns the spec resolved.
    """

    name: Annotated[str, Text()]
    seed: Seed = 0
    n_train: Size = None
    n_test: Size = None
    scale: Annotated[str | None, Maybe(Text())] = None  # 'unit' or 'raw', where there is a scale
    options: Annotated[Mapping[str, float | str], Table(Option())] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what no data set can have; `geoflow.datasets` knows what each of them can."""
        with about(f"data set {brief(self.name)}"):
            check_fields(self)
