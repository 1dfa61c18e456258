"""Shards: what a worker measured of one cell, in a folder, until the store has taken it in.

A shard is written under another name and renamed when it is whole, so that a folder of the right
name is always complete. Tables are Parquet files, read one at a time.
"""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import polars as pl

from geoflow import __version__
from geoflow.errors import StoreError
from geoflow.store.records import NetworkRecord, Tables

RECORDS = "records.json"

GROUP_ROWS = 122_880
"""Rows of a group of the Parquet files: those of DuckDB, which would keep others as they are, not
full, and need 1 % more space."""


class ParquetTables(Mapping[str, pl.DataFrame]):
    """Tables in the Parquet files of a folder; each is read when it is asked for."""

    def __init__(self, folder: Path) -> None:
        self.files = {file.stem: file for file in sorted(folder.glob("*.parquet"))}

    def __getitem__(self, name: str) -> pl.DataFrame:
        return pl.read_parquet(self.files[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self.files)

    def __len__(self) -> int:
        return len(self.files)


class SomeNetworks(Mapping[str, pl.DataFrame]):
    """The rows of some of the networks of tables, their keys counted from 0 again."""

    def __init__(self, tables: Tables, kept: Sequence[int]) -> None:
        self.tables = tables
        self.new_keys = {"network_id": {old: new for new, old in enumerate(kept)}}
        for table, key in (("layers", "layer_id"), ("graphs", "graph_id")):
            if table in tables:
                rows = self.of_kept(tables[table].select(pl.exclude(key), old=key))
                self.new_keys[key] = {old: new for new, old in enumerate(rows["old"])}

    def of_kept(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the rows whose keys are kept."""
        for key in self.new_keys.keys() & set(frame.columns):
            new = self.new_keys[key]
            frame = frame.filter(pl.col(key).is_in(list(new)))
            frame = frame.with_columns(pl.col(key).replace_strict(new, return_dtype=pl.Int32))
        return frame

    def __getitem__(self, name: str) -> pl.DataFrame:
        return self.of_kept(self.tables[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self.tables)

    def __len__(self) -> int:
        return len(self.tables)


def write_shard(
    folder: Path, fingerprint: str, networks: Sequence[NetworkRecord], tables: Tables
) -> None:
    """Write networks and the tables of their layers; ``fingerprint`` is that of their data set."""
    with building(folder) as parts:
        for name, frame in tables.items():
            frame.write_parquet(
                parts / f"{name}.parquet",
                compression="lz4",
                statistics=False,
                row_group_size=GROUP_ROWS,
            )
        records = {
            "geoflow_version": __version__,
            "fingerprint": fingerprint,
            "networks": [asdict(one) for one in networks],
        }
        (parts / RECORDS).write_text(json.dumps(records), "utf-8")


def place_shard(folder: Path, files: Iterator[tuple[str, bytes]]) -> None:
    """Write a shard that came from elsewhere, file by file; no name leads out of its folder."""
    with building(folder) as parts:
        for name, content in files:
            if Path(name).name != name or name in ("", "..") or "\\" in name:
                raise StoreError(f"a shard with a file called {name!r} is no shard: refused")
            (parts / name).write_bytes(content)


@contextmanager
def building(folder: Path) -> Iterator[Path]:
    """Yield a folder that gets its name when all that is in it is whole, and goes if it is not."""
    parts = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(parts, ignore_errors=True)
    parts.mkdir()
    try:
        yield parts
        parts.rename(folder)
    except BaseException:
        shutil.rmtree(parts, ignore_errors=True)
        raise


def read_shard(folder: Path) -> tuple[str, list[NetworkRecord], ParquetTables]:
    """Return the data set's fingerprint, the networks and the tables of a shard.

    Raises StoreError for a shard that another version of geoflow wrote.
    """
    records = json.loads((folder / RECORDS).read_text("utf-8"))
    if (version := records.get("geoflow_version")) != __version__:
        raise StoreError(
            f"a worker left a shard of geoflow {version}, this is {__version__}: install the same"
            " everywhere"
        )
    networks = [NetworkRecord(**one) for one in records["networks"]]
    return records["fingerprint"], networks, ParquetTables(folder)
