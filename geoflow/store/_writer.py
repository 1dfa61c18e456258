"""Writes whole units of work, one transaction each: a killed process leaves units or nothing."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from geoflow.store._faults import unwritten
from geoflow.store._migrations import bring_up, verify
from geoflow.store._runs import Invocation, begin_run, close_run, touch_run
from geoflow.store._tables import insert, last_key
from geoflow.store._units import forget_failure, write_unit
from geoflow.store.connection import PATIENCE_SECONDS, transaction, writing
from geoflow.store.records import FailedCell, NetworkRecord, Unit
from geoflow.store.schema import clear_leftovers, create


class Writer:
    """One invocation that writes to a store: a row of ``runs`` and units of networks.

    ``command``: what is done, in words, where no command line says it; ``request``: all that is
    asked, as JSON. The file is opened for each write alone. ``patience`` is how long to wait for a
    reader.
    """

    def __init__(
        self,
        path: Path,
        command: str,
        seed: int | None,
        patience: float = PATIENCE_SECONDS,
        request: str | None = None,
    ) -> None:
        self.path = path
        self.asked = Invocation(command, seed, request)
        self.patience = patience
        self.run_id: int | None = None
        self.has_begun = False

    def write(self, unit: Unit) -> None:
        """Write a unit, all of it or nothing; the store is created by the first."""
        with self.writing() as store:
            store.write(unit)

    def write_alone(self, unit: Unit) -> None:
        """Write a unit that is all there is to write, and that the run has finished with it."""
        with self.writing() as store:
            store.write(unit)
            close_run(store.connection, "finished", self.asked.started)

    def move_on(self, unit: Unit) -> None:
        """Write a unit, all of it or nothing, in place of what is there of its networks."""
        with self.writing() as store:
            store.move_on(unit)

    def fail(self, cell: FailedCell) -> None:
        """Write why a cell failed, in place of why it failed before."""
        with self.writing() as store:
            store.fail(cell)

    def replace_regression(self, study: str, terms: pl.DataFrame) -> None:
        """Write the regressions of a study in place of those it had."""
        with self.writing() as store:
            store.replace_regression(study, terms)

    @contextmanager
    def writing(self) -> Iterator["Writing"]:
        """Yield what asks and changes the store in one transaction."""
        with self.transaction() as (connection, run_id):
            yield Writing(connection, run_id)

    @contextmanager
    def transaction(self) -> Iterator[tuple[duckdb.DuckDBPyConnection, int]]:
        """Yield a connection and the key of this run; all that is done inside holds, or nothing.

        A store of an earlier geoflow is brought up before.
        """
        if self.run_id is None:
            clear_leftovers(self.path)
        if not self.path.exists():
            create(self.path)
        with writing(self.path, self.patience) as connection:
            try:
                bring_up(connection, verify(connection, self.path))
                self.has_begun = True
                with transaction(connection):
                    run_id = self.run_row(connection)
                    yield connection, run_id
            except duckdb.Error as error:
                raise unwritten(self.path, error) from None
            self.run_id = run_id

    def finish(self, status: str = "finished") -> None:
        """Close the run; a run that wrote nothing has no row.

        Its row is found by process and time: Ctrl-C may have come before its key was known here.
        """
        if not self.has_begun:
            return
        with writing(self.path, self.patience) as connection:
            close_run(connection, status, self.asked.started)

    def run_row(self, connection: duckdb.DuckDBPyConnection) -> int:
        """Return the key of this run's row, made by its first write; later writes touch it."""
        if self.run_id is None:
            return begin_run(connection, self.asked)
        touch_run(connection, self.run_id)
        return self.run_id


@dataclass(frozen=True)
class Writing:
    """One transaction: what it asks still holds when it writes, no other process is in between."""

    connection: duckdb.DuckDBPyConnection
    run_id: int

    def ask(self, sql: str, params: Mapping[str, Any]) -> pl.DataFrame:
        """Return the rows of a statement, as `query` does."""
        frame: pl.DataFrame = self.connection.sql(sql, params=dict(params)).pl()
        return frame

    def write(self, unit: Unit) -> None:
        """Write a unit; none of its networks may be in the store."""
        write_unit(self.connection, unit, self.run_id)

    def write_again(self, unit: Unit) -> None:
        """Write a unit, in place of what is there of its networks; see `write_unit`."""
        again = {network.name for network in unit.networks}
        write_unit(self.connection, unit, self.run_id, again)

    def move_on(self, unit: Unit) -> None:
        """Write networks that have been trained on, in place of what is there of them."""
        held = {network.name for network in unit.networks}
        write_unit(self.connection, unit, self.run_id, held, moves_on=True)

    def fail(self, cell: FailedCell) -> None:
        """Write why a cell failed, in place of why it failed before."""
        self.forget(cell)
        row = asdict(cell) | {"run_id": self.run_id}
        insert(self.connection, "failed_cells", pl.DataFrame([row]))

    def add_failed(self, final: str, network: NetworkRecord) -> None:
        """Write a snapshot of a network of which nothing could be measured, and why."""
        (held,) = self.connection.execute(
            "select network_id, dataset_id from networks where name = ?", [final]
        ).fetchall()
        key = last_key(self.connection, "networks", "network_id") + 1
        row = asdict(network) | {
            "network_id": key,
            "final_id": held[0],
            "dataset_id": held[1],
            "run_id": self.run_id,
        }
        del row["final"]
        insert(self.connection, "networks", pl.DataFrame([row], infer_schema_length=None))

    def forget(self, cell: FailedCell) -> None:
        """Delete the row that says why a cell failed, if there is one."""
        forget_failure(self.connection, cell.study, cell.dataset, cell.width, cell.depth)

    def replace_regression(self, study: str, terms: pl.DataFrame) -> None:
        """Write the regressions of a study in place of those it had."""
        self.connection.execute("delete from regression_terms where study = ?", [study])
        if terms.height:
            insert(self.connection, "regression_terms", terms.with_columns(study=pl.lit(study)))
