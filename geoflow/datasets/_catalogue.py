"""The catalogue `data/datasets.toml` as frozen dataclasses: what is known of data on disk.

It is read with nothing but the standard library, so that listing data sets opens no data.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from geoflow.errors import DatasetError


@dataclass(frozen=True)
class DataFile:
    """One published file; ``content_md5`` is that of the decompressed file, if it may stand so."""

    name: str
    md5: str
    content_md5: str | None = None
    addresses: tuple[str, ...] = ()

    @property
    def plain_name(self) -> str | None:
        """The name of the decompressed file, or None where it is never read decompressed."""
        return self.name.removesuffix(".gz") if self.content_md5 else None


@dataclass(frozen=True)
class Family:
    """A published collection from which data sets are cut, such as MNIST; see the TOML's head."""

    name: str
    title: str
    reference: str
    licence: str
    reader: str
    n_features: int
    classes: tuple[str, ...]
    train_counts: tuple[int, ...]
    test_counts: tuple[int, ...]
    named: tuple[str, ...]
    divisor: float | None = None
    pair: str | None = None
    groups: Mapping[str, Mapping[str, tuple[int, ...]]] = field(default_factory=dict)
    folders: tuple[str, ...] = ()
    needs: str = "all"
    files: tuple[DataFile, ...] = ()


Catalogue = Mapping[str, Family]


def _data_file(table: Mapping[str, Any], addresses: list[str], needs: str) -> DataFile:
    """Return one file; where any file is enough, only those marked `download` have addresses."""
    has_address = needs == "all" or table.get("download", False)
    at = tuple(address + table["name"] for address in addresses) if has_address else ()
    return DataFile(table["name"], table["md5"], table.get("content_md5"), at)


def _family(name: str, table: dict[str, Any]) -> Family:
    """Return the family of one TOML table."""
    rest: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in table.items()
    }
    files, addresses = table.get("files", []), table.get("addresses", [])
    rest.pop("addresses", None)
    rest["files"] = tuple(_data_file(f, addresses, table.get("needs", "all")) for f in files)
    rest["groups"] = {
        data_set: {label: tuple(members) for label, members in groups.items()}
        for data_set, groups in table.get("groups", {}).items()
    }
    return Family(name=name, **rest)


def catalogue_from(path: Path) -> Catalogue:
    """Return the catalogue written in one TOML file."""
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    return {name: _family(name, table) for name, table in tables.items()}


@cache
def bundled_catalogue() -> Catalogue:
    """Return the catalogue that comes with geoflow: in the installed package or the repository.

    >>> sum(bundled_catalogue()["mnist"].test_counts)
    10000
    """
    package = Path(__file__).parents[1]
    for folder in (package / "data", package.parent / "data"):
        if (path := folder / "datasets.toml").is_file():
            return catalogue_from(path)
    raise DatasetError(f"datasets.toml is not in {package / 'data'}: install geoflow again")
