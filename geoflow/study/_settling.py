"""What a run of a study does with the outcome of each cell, beside others that run it too.

What another process has written meanwhile is found inside the transaction that writes: the rest of
a cell is added, nothing is written twice, and a cell that is all there has not failed.
"""

import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

import polars as pl

from geoflow.datasets import load
from geoflow.errors import DatasetError, StoreError
from geoflow.machine.log import LOG
from geoflow.specs import ALREADY_THERE
from geoflow.store import (
    PATIENCE_SECONDS,
    HeldStoreError,
    InputOutgrownError,
    Writer,
    holding,
    query,
)
from geoflow.store.inputlayer import missing_input
from geoflow.store.records import DatasetRecord, FailedCell, Unit
from geoflow.study._cells import Cell
from geoflow.study._origin import held_origin
from geoflow.study._presence import is_whole, lacking_replicas, stored_networks
from geoflow.study._regression import LEAST_NETWORKS, SQL, regression_terms
from geoflow.study._shards import SomeNetworks, read_shard
from geoflow.study._task import ELSEWHERE, Failure, Share, Task, failure_of
from geoflow.study.plan import to_do

KNOWN_TERMS = "select * exclude (study) from regression_terms where study = $study"
"""The regressions of a study that the store has."""

COUNT = "select count(*) from networks where study = $study"
"""What grows with every cell that is written."""


REGRESSION_SECONDS = 60.0
"""How old the regressions are at most that a killed run leaves, but for the cell it was at."""


class Work:
    """What a run of a study has done so far: networks written, cells that failed."""

    def __init__(self, writer: Writer, study: str) -> None:
        self.writer = writer
        self.study = study
        self.regressed = time.monotonic()
        self.failed: list[tuple[Cell, FailedCell]] = []
        self.gave_way: list[Task] = []
        self.n_written = self.n_diverged = self.n_elsewhere = 0
        self.status = "failed"

    @contextmanager
    def closed(self) -> Iterator[None]:
        """Close the run's row at the end, whatever happens inside, Ctrl-C at the end included.

        What was written is regressed, however the run ends.
        """
        try:
            yield
            with suppress(StoreError):
                self.writer.finish(self.status)
        except BaseException as error:
            self.writer.patience = PATIENCE_SECONDS
            is_stopped = isinstance(error, KeyboardInterrupt)
            try:
                with suppress(StoreError):
                    if self.n_written:
                        self.regress()
            finally:
                with suppress(StoreError):
                    self.writer.finish("interrupted" if is_stopped else "failed")
            raise

    def ask(self, sql: str, params: dict[str, Any]) -> pl.DataFrame:
        """Return the rows of a query, as patient with writers as this run is with readers."""
        return query(self.writer.path, sql, params, self.writer.patience)

    def fail(self, cell: Cell, n_networks: int, why: Failure) -> None:
        """Keep why a cell failed, in the store too if that can be written.

        Nothing is written of a cell that another process has made, and what was is gone.
        """
        failed = failed_cell(cell, n_networks, why)
        self.failed.append((cell, failed))
        where = f"\n{why.traceback}" if why.traceback else ""
        LOG.error("%s failed: %s%s", cell.network_name(0), why.reason, where.rstrip())
        with suppress(StoreError), self.writer.writing() as store:
            if lacks := lacking_replicas(cell, self.writer.path, store.ask):
                store.fail(replace(failed, n_networks=len(lacks)))
            else:
                store.forget(failed)

    def settle(self, task: Task, why: Failure | None, known: DatasetRecord) -> None:
        """Write what a task left behind, or why there is nothing; its shard goes."""
        if why == ELSEWHERE:
            self.gave_way.append(task)
            return
        if why is None:
            try:
                self.take_in(task, known)
            except (StoreError, DatasetError) as error:
                why = failure_of(error)
        if why is not None:
            self.fail(task.cell, len(task.replicas), why)
        shutil.rmtree(task.shard, ignore_errors=True)

    def take_in(self, task: Task, known: DatasetRecord) -> None:
        """Write those networks of a shard that no other process has written meanwhile.

        A network that lacked something and was trained again takes its own place.
        """
        fingerprint, networks, tables = read_shard(task.shard)
        if fingerprint != known.fingerprint:
            raise DatasetError(f"data set '{known.name}' changed while the study ran: run it again")
        cell, path, patience = task.cell, self.writer.path, self.writer.patience
        data = load(cell.dataset.dataset, task.data_dir)
        n_written = None
        while n_written is None:
            origin = held_origin(data, cell.geometry)
            layer = missing_input(
                path, known, data.x_test, data.y_test, cell.geometry, origin, patience
            )
            with suppress(InputOutgrownError), self.writer.writing() as store:
                missing = to_do(cell, known, path, store.ask).replicas
                names = {cell.network_name(replica) for replica in missing}
                kept = [at for at, one in enumerate(networks) if (one.final or one.name) in names]
                new = [networks[at] for at in kept]
                some = tables if new == networks else SomeNetworks(tables, kept)
                if new:
                    store.write_again(Unit(known, data.y_test, layer, new, some, task.scores))
                n_written = sum(one.final is None for one in new)
        self.n_written += n_written
        self.n_elsewhere += len(task.replicas) - n_written
        self.n_diverged += sum(one.final is None and one.status == "failed" for one in new)

    def forget(self, whole: Sequence[Cell]) -> None:
        """Delete why cells failed that are whole: older versions of geoflow left such rows."""
        with self.writer.writing() as store:
            for cell in whole:
                store.forget(failed_cell(cell, cell.study.replicas, Failure("")))

    def note_written(self, tasks: Sequence[Task]) -> None:
        """Let workers know of the cells that are written, by this or another process."""
        with suppress(StoreError, OSError):
            there = stored_networks([task.cell for task in tasks], self.writer.path)
            for task in tasks:
                if is_whole(task.cell, there):
                    task.written.touch()

    def left_by_others(
        self, records: Mapping[str, DatasetRecord], advance: Share | None
    ) -> list[Task]:
        """Return the work that gave way to other processes and that they have not done so far.

        Nothing else is to do: the same cells are now worked on here and there.
        """
        left = []
        for task in self.gave_way:
            known = records[task.cell.dataset.dataset.name]
            try:
                missing = to_do(task.cell, known, self.writer.path, self.ask).replicas
            except HeldStoreError:
                raise
            except StoreError as error:
                self.fail(task.cell, len(task.replicas), failure_of(error))
                continue
            n_written = len(task.replicas) - len(missing)
            self.n_elsewhere += n_written
            if n_written and advance is not None:
                advance(n_written, ALREADY_THERE)
            if missing:
                left.append(replace(task, replicas=missing, gives_way=False))
        self.gave_way.clear()
        return left

    def failures(self, records: Mapping[str, DatasetRecord]) -> tuple[FailedCell, ...]:
        """Return the cells that failed, less those that another process has made after all."""
        made = []
        for cell, failure in self.failed:
            known = records.get(cell.dataset.dataset.name)
            with suppress(StoreError):  # namesakes of another recipe, for one
                if known and not to_do(cell, known, self.writer.path, self.ask).replicas:
                    made.append(failure)
        self.n_elsewhere += sum(failure.n_networks for failure in made)
        return tuple(failure for _, failure in self.failed if failure not in made)

    def regress_now_and_then(self) -> None:
        """Write the regressions of what is there, once in a while, if the store can be written."""
        if time.monotonic() - self.regressed >= REGRESSION_SECONDS:
            with suppress(StoreError):
                self.regress()

    def regress(self) -> None:
        """Write the regressions of the study unless the store has them, to 6 digits.

        It has none, or old ones, where a study was killed after a cell and before this.
        """
        self.regressed = time.monotonic()
        path, study = self.writer.path, self.study
        if not path.exists():
            return
        of_study = {"study": study}
        is_written = False
        while not is_written:
            with holding(path, self.writer.patience) as ask:
                n_networks = ask(COUNT, of_study).item()
                known = ask(KNOWN_TERMS, of_study)
                networks = ask(SQL, of_study) if n_networks >= LEAST_NETWORKS else None
            terms = pl.DataFrame() if networks is None else regression_terms(networks)
            if rounded_terms(terms) == rounded_terms(known):
                return
            with self.writer.writing() as store:  # unless another process has written more cells
                is_written = store.ask(COUNT, of_study).item() == n_networks
                if is_written:
                    store.replace_regression(study, terms)


def rounded_terms(terms: pl.DataFrame) -> set[frozenset[tuple[str, str | float | int]]]:
    """Return the rows of a frame, in no order; processors differ in the last of their digits."""
    short = terms.with_columns(pl.selectors.float().round_sig_figs(6))
    return {frozenset(row.items()) for row in short.iter_rows(named=True)}


def failed_cell(cell: Cell, n_networks: int, why: Failure) -> FailedCell:
    """Return the row that says why a cell failed."""
    place = cell.dataset.dataset.name, cell.architecture.width, cell.architecture.depth
    return FailedCell(cell.study.name, *place, n_networks, why.reason, why.traceback)
