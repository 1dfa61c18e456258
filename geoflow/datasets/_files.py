"""Where data files are, and their bytes once the md5 has been checked."""

import gzip
import hashlib
import os
import zlib
from dataclasses import dataclass
from pathlib import Path

from geoflow.datasets._catalogue import DataFile, Family
from geoflow.errors import DatasetError
from geoflow.text.shown import short


def data_home(data_dir: Path | None = None) -> Path:
    """Return the folder of data files: data_dir, else $GEOFLOW_DATA, else `data` right here.

    >>> data_home(Path("elsewhere")).name
    'elsewhere'
    """
    folder = Path(data_dir or os.environ.get("GEOFLOW_DATA") or "data")
    try:
        return folder.expanduser()
    except RuntimeError:
        raise DatasetError(
            f"{folder} starts with a user who has no home here: give --data-dir the whole path"
        ) from None


@dataclass(frozen=True)
class Found:
    """A catalogued file that exists at ``path``."""

    path: Path
    file: DataFile
    family: str

    @property
    def expected_md5(self) -> str:
        """The md5 it must have: the published one, or that of the content if decompressed."""
        is_plain = self.path.name == self.file.plain_name and self.file.content_md5
        return self.file.content_md5 or "" if is_plain else self.file.md5

    def damaged(self, fault: str) -> DatasetError:
        """Return the error that names the file, its fault and the remedy."""
        return DatasetError(
            f"{self.path}: {fault}; remove the file and run `geoflow datasets fetch {self.family}`,"
            " or give --data-dir a folder with a good copy"
        )

    def md5(self) -> str:
        """Return the md5 of the file as it is on disk."""
        try:
            with self.path.open("rb") as stream:
                return hashlib.file_digest(stream, _md5).hexdigest()
        except OSError as error:
            raise self.damaged(f"cannot be read ({error.strerror})") from None

    def check(self) -> None:
        """Refuse a file whose md5 is not the published one."""
        if (found := self.md5()) != self.expected_md5:
            raise self.damaged(f"md5 is {found}, expected {self.expected_md5}")

    def content(self) -> bytes:
        """Return the checked bytes, decompressed if the name ends in .gz."""
        self.check()
        raw = self.path.read_bytes()
        if self.path.suffix != ".gz":
            return raw
        try:
            return gzip.decompress(raw)
        except (OSError, EOFError, zlib.error):
            raise self.damaged("not a complete gzip file") from None


def _md5() -> "hashlib._Hash":
    """Return an md5 that only tells files apart, so that strict machines allow it."""
    return hashlib.md5(usedforsecurity=False)


def found(family: Family, file: DataFile, home: Path) -> Found | None:
    """Return the file in the first folder that has it, .gz before plain; None if none has it."""
    for folder in family.folders:
        for name in (file.name, file.plain_name):
            if name and is_file(path := home / folder / name):
                return Found(path, file, family.name)
    return None


def is_file(path: Path) -> bool:
    """Tell whether a file is there, or say why that cannot be known."""
    try:
        return path.is_file()
    except OSError as error:
        raise DatasetError(
            f"{short(path.parent, 300)} cannot be read ({error.strerror}): give --data-dir a folder"
            " with data files"
        ) from None


def is_present(family: Family, home: Path) -> bool:
    """Tell whether the files needed are there; their content is not looked at."""
    there = [found(family, file, home) is not None for file in family.files]
    return any(there) if family.needs == "any" and there else all(there)


def needed(family: Family, home: Path, data_set: str) -> list[Found]:
    """Return the files to read for a data set: all of them, or the first one that is there."""
    there = [found(family, file, home) for file in family.files]
    present = [item for item in there if item is not None]
    if family.needs == "any" and present:
        return present[:1]
    if len(present) == len(family.files):
        return present
    absent = [file.name for file, item in zip(family.files, there, strict=True) if item is None]
    names = (" or " if family.needs == "any" else ", ").join(absent)
    searched = ", ".join(str(home / folder) for folder in family.folders)
    raise DatasetError(
        f"data set '{data_set}' needs {names}: not in {searched};"
        f" run `geoflow datasets fetch {data_set}` or give --data-dir the folder that has it"
    )
