"""A data set by name, or in a file, with everything that changes its points."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Annotated, Any

from geoflow.errors import SpecError
from geoflow.specs.datafile import FileSpec
from geoflow.specs.kinds import Seed, Size
from geoflow.specs.values import Made, Maybe, Number, Table, Text, about, brief, check_fields


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

    ``file``: where it is read from, of a data set of the user's own. ``None`` means the data set's
    own default; `geoflow.datasets.load` returns the spec resolved.
    """

    name: Annotated[str, Text()]
    seed: Seed = 0
    n_train: Size = None
    n_test: Size = None
    scale: Annotated[str | None, Maybe(Text())] = None  # 'unit' or 'raw', where there is a scale
    options: Annotated[Mapping[str, float | str], Table(Option())] = field(default_factory=dict)
    file: Annotated[FileSpec | None, Maybe(Made(FileSpec))] = None

    def __post_init__(self) -> None:
        """Refuse what no data set can have; `geoflow.datasets` knows what each of them can."""
        with about(f"data set {brief(self.name)}"):
            check_fields(self)
            if self.file is not None and self.scale is not None:
                raise SpecError("a file has no scale: leave it out, or give standardize = true")
            if self.file is not None and self.options:
                listed = ", ".join(self.options)
                raise SpecError(f"a file has no options: leave {listed} out")


def dataset_of_file(path: str, name: str | None = None, **rest: Any) -> DatasetSpec:
    """Return the data set of a file; rest: fields of `FileSpec`, and of `DatasetSpec`.

    >>> wine = dataset_of_file("data/wine.csv", label="quality", seed=1)
    >>> wine.name, wine.seed, wine.file.label
    ('wine', 1, 'quality')
    """
    own = {one.name for one in fields(FileSpec)}
    with about(f"data set {brief(path if name is None else name)}"):
        file = FileSpec(path, **{key: rest.pop(key) for key in own & rest.keys()})
    return DatasetSpec(file.name if name is None else name, file=file, **rest)
