"""A data set in a file of the user's own: which columns, which classes, which test points."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from geoflow.errors import SpecError
from geoflow.specs.values import Flag, Maybe, Number, Several, Text, brief, check_fields

SUFFIXES = (".csv", ".parquet", ".npz")
"""How names of files of data end."""

TEST_SHARE = 0.5
"""Share of the rows of each class that are test points, where nothing is said: as of digits."""

LONGEST_PATH = 4096


@dataclass(frozen=True)
class FileSpec:
    """A file of points and labels, and how it is read.

    ``label``: the column of the classes (y of an .npz); ``columns``: those of the points, by
    default all others; ``standardize``: (x - mean) / deviation of the training rows;
    ``test_share``: of each class, drawn with the seed of the data set; ``split``: a column that
    says train or test of each row, in place of that.
    """

    path: Annotated[str, Text(longest=LONGEST_PATH)]
    label: Annotated[str | None, Maybe(Text())] = None
    columns: Annotated[tuple[str, ...], Several(Text(), 0, "a column")] = ()
    standardize: Annotated[bool, Flag()] = False
    test_share: Annotated[
        float | None, Maybe(Number(0, 1, is_open_low=True, is_open_high=True))
    ] = None
    split: Annotated[str | None, Maybe(Text())] = None

    def __post_init__(self) -> None:
        """Refuse a file of another kind, and columns that contradict each other."""
        check_fields(self)
        if not is_file_name(self.path):
            raise SpecError(f"{brief(self.path)} is no file of data: give {' or '.join(SUFFIXES)}")
        if self.suffix == ".npz":
            if self.columns or self.label not in (None, "y"):
                raise SpecError("an .npz file has arrays x and y: leave label and columns out")
        elif self.label is None:
            raise SpecError(f"{brief(self.path)} needs label, the column of the classes")
        if self.split is not None and self.test_share is not None:
            raise SpecError("split says which rows are for tests: leave test_share out")
        taken = [*self.columns, *(one for one in (self.label, self.split) if one is not None)]
        if len(set(taken)) < len(taken):
            raise SpecError(
                "columns, label and split name a column twice: each has its own, each once"
            )

    @property
    def suffix(self) -> str:
        """How its name ends."""
        return Path(self.path).suffix.lower()

    @property
    def name(self) -> str:
        """The name of its data set, where none is given."""
        return Path(self.path).stem

    def beside(self, folder: Path) -> "FileSpec":
        """Return the same file, seen from a folder."""
        return replace(self, path=str(folder / Path(self.path).expanduser()))


def is_file_name(text: str) -> bool:
    """Return whether a text names a file of data, and no data set.

    >>> is_file_name("wine.csv"), is_file_name("mnist_1v7")
    (True, False)
    """
    return Path(text).suffix.lower() in SUFFIXES
