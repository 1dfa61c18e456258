"""Questions: queries with parameters, one a file of ``sql/questions``, asked by name."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from geoflow.errors import SpecError, unknown
from geoflow.store._sqlfiles import SqlFile, sql_files, sql_home
from geoflow.text.literal import literal

Ask = Callable[[str], pl.DataFrame]
"""Returns the rows of a SQL statement."""


@dataclass(frozen=True)
class Answer:
    """The rows of a question, and its SQL as it ran."""

    sql: str
    rows: pl.DataFrame


def all_questions() -> tuple[SqlFile, ...]:
    """Return every question, by name."""
    return tuple(sorted(sql_files("questions"), key=lambda file: file.name))


def questions_page() -> str:
    """Return the page on questions, in Markdown."""
    return (sql_home() / "questions" / "README.md").read_text("utf-8")


def question(name: str) -> SqlFile:
    """Return a question by its name, its ``parameters`` with what they mean."""
    files = {file.name: file for file in sql_files("questions")}
    if name not in files:
        raise unknown("question", name, files, "see sql/questions")
    return files[name]


def question_sql(name: str, parameters: Mapping[str, Any]) -> str:
    """Return the SQL of a question with its parameters filled in: it runs as it stands.

    >>> question_sql("snapshot_series", {"study": "it's"}).splitlines()[2]
    "where study = 'it''s' and status <> 'failed' and final_id is not null"
    """
    file = question(name)
    if parameters.keys() != file.parameters.keys():
        raise SpecError(
            f"question '{name}' takes {', '.join(file.parameters)}, not {', '.join(parameters)}"
        )
    return re.sub(r"\$(\w+)", lambda found: literal(parameters[found[1]]), file.statement)


def question_answer(ask: Ask, question: str, **parameters: Any) -> Answer:
    """Return the answer to a question of ``sql/questions``."""
    sql = question_sql(question, parameters)
    return Answer(sql, ask(sql))
