"""The scores that users have added: what each says of itself is kept beside its values."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from geoflow.errors import StoreError
from geoflow.scores.entry import KEYS, Score, checked_settings
from geoflow.store._reader import query
from geoflow.store._tables import insert

COLUMNS = ("label", "score", "level", "formula", "source", "low", "high", *KEYS)
KNOWN_SCORES = f"select {', '.join(COLUMNS)} from own_scores"
COLUMN_TYPES = dict.fromkeys(COLUMNS, pl.String) | {
    "low": pl.Float64, "high": pl.Float64, "k": pl.Int32, "alpha": pl.Float64, "radius": pl.Float64
}  # fmt: skip
SAME_UNDER_A_NAME = ("level", "formula", "source", "low", "high")


def keep_own_scores(connection: duckdb.DuckDBPyConnection, scores: Sequence[Score]) -> None:
    """Write the entries of a user's scores that are new, inside the caller's transaction."""
    if scores:
        known = connection.sql(KNOWN_SCORES).fetchall()
        refuse_other(scores, known)
        held = {label for label, *_ in known}
        new = [row_of(one) for one in scores if one.label not in held]
        insert(connection, "own_scores", pl.DataFrame(new, schema=COLUMN_TYPES, orient="row"))


def refuse_other_scores(path: Path, scores: Sequence[Score]) -> None:
    """Refuse scores that a store has with another meaning, before anything is computed."""
    if scores and path.exists():
        refuse_other(scores, query(path, KNOWN_SCORES, {}).rows())


def refuse_other(scores: Sequence[Score], known: Sequence[tuple[object, ...]]) -> None:
    """Refuse scores that say something else of themselves than ones of their label or their name.

    What they are measured with may differ under one name, and nothing else.
    """
    held = [("in the store", dict(zip(COLUMNS, row, strict=True))) for row in known]
    for one in scores:
        row = dict(zip(COLUMNS, row_of(one), strict=True))
        for where, before in held:
            columns: Sequence[str] = SAME_UNDER_A_NAME if before["score"] == one.name else ()
            for column in COLUMNS if before["label"] == one.label else columns:
                if before[column] != row[column]:
                    raise StoreError(
                        f"score '{one.label}' is {where} with {column} {before[column]!r}, not"
                        f" {row[column]!r}: give it another name"
                    )
        held.append(("asked for too", row))


def row_of(score: Score) -> tuple[object, ...]:
    """Return the row of ``own_scores``."""
    low, high = (None if end is None else float(end) for end in (score.low, score.high))
    settings = dict(score.settings)
    said = score.label, score.name, score.level, score.formula, score.source, low, high
    return *said, *(settings.get(key) for key in KEYS)


def score_of(row: Mapping[str, Any]) -> Score:
    """Return the entry that a row of ``own_scores`` is of, without its function."""
    settings = {key: row[key] for key in KEYS if row[key] is not None}
    said = {name: row[name] for name in SAME_UNDER_A_NAME}
    return Score(row["score"], **said, is_own=True, settings=checked_settings(settings))
