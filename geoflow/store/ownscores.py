"""The scores that users have added: what each says of itself is kept beside its values."""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import polars as pl

from geoflow.errors import StoreError
from geoflow.scores.entry import Score
from geoflow.store._reader import query
from geoflow.store._tables import insert

COLUMNS = ("name", "level", "formula", "source", "low", "high")
KNOWN_SCORES = f"select {', '.join(COLUMNS)} from own_scores"
COLUMN_TYPES = {name: pl.Float64 if name in ("low", "high") else pl.String for name in COLUMNS}


def keep_own_scores(connection: duckdb.DuckDBPyConnection, scores: Sequence[Score]) -> None:
    """Write the entries of a user's scores that are new, inside the caller's transaction."""
    if scores:
        known = connection.sql(KNOWN_SCORES).fetchall()
        refuse_other(scores, known)
        held = {name for name, *_ in known}
        new = [row_of(one) for one in scores if one.name not in held]
        insert(connection, "own_scores", pl.DataFrame(new, schema=COLUMN_TYPES, orient="row"))


def refuse_other_scores(path: Path, scores: Sequence[Score]) -> None:
    """Refuse scores that a store has with another meaning, before anything is computed."""
    if scores and path.exists():
        refuse_other(scores, query(path, KNOWN_SCORES, {}).rows())


def refuse_other(scores: Sequence[Score], known: Sequence[tuple[object, ...]]) -> None:
    """Refuse scores of the name of known ones that say something else of themselves."""
    held = {row[0]: row for row in known}
    for one in scores:
        before = held.get(one.name, row_of(one))
        for column, there, new in zip(COLUMNS, before, row_of(one), strict=True):
            if there != new:
                raise StoreError(
                    f"score '{one.name}' is in the store with {column} {there!r}, not {new!r}: give"
                    " it another name"
                )


def row_of(score: Score) -> tuple[object, ...]:
    """Return the row of ``own_scores``."""
    low, high = (None if end is None else float(end) for end in (score.low, score.high))
    return score.name, score.level, score.formula, score.source, low, high
