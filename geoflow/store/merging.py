"""Takes the networks of other stores into one, inside one transaction of it."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from geoflow.errors import StoreError
from geoflow.machine import processes
from geoflow.store._faults import disk_hint
from geoflow.store._layerrows import InputOutgrownError
from geoflow.store._reader import Ask
from geoflow.store._tables import insert, last_key
from geoflow.store._units import six_digits, write_unit
from geoflow.store._writer import Writing
from geoflow.store.copies import (
    NETWORK_ROWS,
    Group,
    failed_cells,
    groups,
    record_of,
    totals_of,
    unit_of,
)
from geoflow.store.records import NetworkRecord
from geoflow.store.schema import BUILDING, clear_leftovers, create, wal_of

KEYS_OF = "select network_id from networks where name in (select unnest($names::varchar[]))"

KNOWN_RUN = (
    "select run_id from runs where machine = $machine and pid = $pid and started = $started"
    " and command = $command"
)

TIMES = ("seconds", "final")
"""Fields of networks in which two of one name need not agree; snapshots are named after finals."""


class TakenIn:
    """What a store is given, from one store after the other; see `take`."""

    def __init__(self, store: Writing, into: Path) -> None:
        self.store = store
        self.into = into
        self.homes: dict[str, Path] = {}
        self.n_written = self.n_alike = 0
        self.studies: set[str] = set()

    def take(self, ask: Ask, source: Path) -> None:
        """Write all networks of a store that are not there, and the cells that failed in it."""
        runs = self.run_keys(ask)
        origins: set[int] = set()
        failed = list(failed_cells(ask))
        for group in groups(ask):
            self.studies |= {one.study for one in group.networks.values()}
            there = self.there(group)
            self.refuse_otherwise(ask, group, there, source)
            keys = [key for key, one in group.networks.items() if one.name not in there]
            if keys:
                unit = unit_of(ask, group, keys, group.dataset_id not in origins)
                try:
                    write_unit(self.store.connection, unit, runs[group.run_id])
                except InputOutgrownError:
                    raise StoreError(
                        f"the input layer of data set '{unit.dataset.name}' has in {source} what it"
                        f" lacks in {self.home(unit.networks[0].name)}, and the other way round:"
                        " run a study with all of it on one of the two, then merge"
                    ) from None
                origins.add(group.dataset_id)
            self.homes |= {group.networks[key].name: source for key in keys}
            finals = [one for one in group.networks.values() if one.final is None]
            self.n_written += sum(one.name not in there for one in finals)
            self.n_alike += sum(one.name in there for one in finals)
        for run_id, cell, n_there in failed:
            self.fail(runs[run_id], cell, n_there)

    def home(self, name: str) -> Path:
        """Return the store that a network came from."""
        return self.homes.get(name, self.into)

    def there(self, group: Group) -> dict[str, NetworkRecord]:
        """Return those networks of a group that have been written, by name."""
        names = [one.name for one in group.networks.values()]
        keys = self.store.ask(KEYS_OF, {"names": names})["network_id"].to_list()
        rows = self.store.ask(NETWORK_ROWS, {"keys": keys}).iter_rows(named=True)
        return {row["name"]: record_of(row) for row in rows}

    def refuse_otherwise(
        self, ask: Ask, group: Group, there: Mapping[str, NetworkRecord], source: Path
    ) -> None:
        """Refuse networks of one name that are not one network."""
        if not there:
            return
        ours, theirs = totals_of(self.store.ask, there), totals_of(ask, there)
        for one in sorted(group.networks.values(), key=lambda one: one.final is not None):
            if one.name not in there:
                continue
            what = contrast(there[one.name], one)
            if what is None and ours[one.name] != theirs[one.name]:
                what = "other test points, or other graphs of them"
            if what is not None:
                raise StoreError(
                    f"network '{one.name}' has in {source} {what} than in {self.home(one.name)}:"
                    " these are two networks of one name, merge without one of the stores"
                )

    def run_keys(self, ask: Ask) -> dict[int, int]:
        """Return the keys that runs of a store have here; those that are new are written."""
        found = {}
        for row in ask("select * from runs order by run_id", {}).iter_rows(named=True):
            marks = {name: row[name] for name in ("machine", "pid", "started", "command")}
            known = self.store.ask(KNOWN_RUN, marks)["run_id"].to_list()
            key = last_key(self.store.connection, "runs", "run_id") + 1
            found[row["run_id"]] = known[0] if known else key
            if not known:
                ended = "interrupted" if row["status"] == "running" else row["status"]
                own = row | {"run_id": key, "status": ended}
                insert(self.store.connection, "runs", pl.DataFrame([own]))
        return found

    def fail(self, run_id: int, cell: Any, n_there: int) -> None:
        """Write why a cell failed, unless its networks have come from elsewhere."""
        here = {(one.study, one.dataset, one.width, one.depth): n for _, one, n in self.failed()}
        place = cell.study, cell.dataset, cell.width, cell.depth
        (n_now,) = self.store.connection.execute(
            "select count(*) from networks as n join datasets as d using (dataset_id)"
            " where n.study = ? and d.name = ? and n.width = ? and n.depth = ?"
            " and n.final_id is null",
            list(place),
        ).fetchall()[0]
        n_missing = cell.n_networks + n_there - n_now
        if n_missing > 0 and place not in here:
            self.studies.add(cell.study)
            replace(self.store, run_id=run_id).fail(replace(cell, n_networks=n_missing))

    def failed(self) -> list[tuple[int, Any, int]]:
        """Return the cells that have failed as far as the store knows."""
        return list(failed_cells(self.store.ask))


def contrast(one: NetworkRecord, other: NetworkRecord) -> str | None:
    """Return in words in what two networks of one name differ, None if in nothing.

    >>> one = NetworkRecord("a", "s", "8", [8], 1, "trained", seed=1, test_accuracy=0.5)
    >>> contrast(one, replace(one, seed=2)), contrast(one, replace(one, seconds=3.0))
    ('another seed (2, not 1)', None)
    """
    for field in fields(NetworkRecord):
        before, now = getattr(one, field.name), getattr(other, field.name)
        if field.name in TIMES or same(before, now):
            continue
        if field.name == "request":
            return "something else measured"
        return f"another {field.name} ({now}, not {before})"
    return None


def same(one: Any, other: Any) -> bool:
    """Return whether two values are equal, numbers to six digits."""
    if isinstance(one, float) and isinstance(other, float):
        return six_digits(one) == six_digits(other)
    return bool(one == other)


@contextmanager
def made_whole(path: Path) -> Iterator[Path]:
    """Yield where to build a store that is not there yet; it gets its name when all is in it.

    One that is there is yielded as it is. Whatever goes wrong, nothing is left of a new one.
    """
    clear_leftovers(path)
    if path.exists():
        yield path
        return
    path = path.resolve()
    building = path.with_name(f".{path.name}.{processes.process_name()}{BUILDING}")
    try:
        create(building)
        yield building
        if wal_of(building).exists():
            raise StoreError(f"cannot make the store {path}: its write-ahead log was not merged")
        if path.exists():
            raise StoreError(f"{path} was made by another process meanwhile: merge again")
        building.replace(path)
    except (duckdb.Error, OSError) as error:
        reason = " ".join(str(error).split())
        raise StoreError(f"cannot make the store {path} ({reason}){disk_hint(error)}") from None
    finally:
        for file in (building, wal_of(building)):
            with suppress(OSError):
                file.unlink()


def refuse_itself(stores: Collection[Path], into: Path) -> None:
    """Refuse to merge a store into itself."""
    for one in stores:
        if into.exists() and one.exists() and into.samefile(one):
            raise StoreError(f"{one} is the store to merge into: leave it out, its networks stay")
