"""The pieces a page is made of: figures and tables with their words, rows and SQL."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl
from plotly.graph_objects import Figure

from geoflow.store.questions import Answer


@dataclass(frozen=True)
class Exhibit:
    """A figure, or a table if there is none, with its title, words, rows and their SQL."""

    title: str
    words: str
    sql: str
    rows: pl.DataFrame
    figure: Figure | None = None


@dataclass(frozen=True)
class Section:
    """Exhibits about one question."""

    title: str
    exhibits: Sequence[Exhibit]


def exhibits_of(
    found: Answer,
    title: str,
    words: str | Callable[[pl.DataFrame], str],
    figure: Callable[[pl.DataFrame], Figure | None] = lambda rows: None,
) -> list[Exhibit]:
    """Return an exhibit of an answer, a table without figure; none where there are no rows.

    words may be made of the rows.
    """
    if found.rows.is_empty():
        return []
    said = words if isinstance(words, str) else words(found.rows)
    return [Exhibit(title, said, found.sql, found.rows, figure(found.rows))]
