"""Answers to questions about a store, kept as long as its file stays as it is.

The file is opened for what is not yet known and closed at once, so that others can write; what they
wrote shows in the stamp of the file, and nothing from before is used again.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from geoflow.store.questions import Answer, question_sql
from geoflow.store.results import Database

MOST_KEPT = 64
MOST_KEPT_CELLS = 2_000_000
"""Cells of a frame that is kept; larger ones are asked for anew."""

Asked = tuple[str, Mapping[str, Any]]
"""Name of a question, and its parameters."""

Stamp = tuple[int, ...]


class Answers:
    """Answers questions about one store; safe for many threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._kept: OrderedDict[tuple[Stamp, str], pl.DataFrame] = OrderedDict()
        self._gate = threading.Lock()

    def stamp(self) -> Stamp:
        """Return what changes when somebody writes to the store."""
        found: list[int] = []
        for file in (self.path, self.path.with_name(f"{self.path.name}.wal")):
            try:
                seen = file.stat()
                found += [seen.st_ino, seen.st_size, seen.st_mtime_ns]
            except OSError:
                found.append(0)
        return tuple(found)

    def of(self, question: str, **parameters: Any) -> Answer:
        """Return the answer to one question. Raises GeoflowError."""
        return self.all({"one": (question, parameters)})["one"]

    def all(self, questions: Mapping[str, Asked]) -> dict[str, Answer]:
        """Return the answers to several questions about one state of the store, by their names.

        Raises GeoflowError.
        """
        stamp = self.stamp()
        texts = {name: question_sql(*asked) for name, asked in questions.items()}
        with self._gate:
            known = {sql: self._kept.get((stamp, sql)) for sql in texts.values()}
        missing = [sql for sql, rows in known.items() if rows is None]
        if missing:
            with Database(self.path).held() as store:
                known |= {sql: store.query(sql) for sql in missing}
            self._keep(stamp, {sql: known[sql] for sql in missing})
        return {name: Answer(sql, some(known[sql])) for name, sql in texts.items()}

    def _keep(self, stamp: Stamp, found: Mapping[str, pl.DataFrame | None]) -> None:
        """Keep answers about a state that is still that of the store; forget the eldest."""
        if self.stamp() != stamp:
            return
        with self._gate:
            for sql, rows in found.items():
                if rows is not None and rows.height * rows.width <= MOST_KEPT_CELLS:
                    self._kept[stamp, sql] = rows
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)


def some(rows: pl.DataFrame | None) -> pl.DataFrame:
    """Return rows that are there."""
    assert rows is not None
    return rows
