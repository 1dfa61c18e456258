"""Finds the SQL files, reads their headers and puts them in the order they are built.

One relation per file, file name = relation name. A header says title, formula, source, grain and
columns; it becomes the COMMENTs of the relation, so documentation is written once. Folders are
built in the order of FOLDERS and read only from those before; inside a folder a file comes after
those it names. ``checks/`` are queries, not relations: the rows they select are offences.
"""

import hashlib
import re
from dataclasses import dataclass, field
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

FOLDERS = ("tables", "staging", "intermediate", "marts", "reports", "macros")

HEADER_KEYS = ("title", "formula", "source", "grain", "columns", "example")


@dataclass(frozen=True)
class SqlFile:
    """A SQL file: its header, one field per key, and the statement under it."""

    folder: str
    name: str
    title: str
    statement: str
    formula: str = ""
    source: str = ""
    grain: str = ""
    example: str = ""
    columns: dict[str, str] = field(default_factory=dict)

    @property
    def words(self) -> set[str]:
        """Every word of the statement outside strings: what it may refer to."""
        return set(re.findall(r"[a-z_0-9]+", re.sub(r"'[^']*'", "", self.statement.lower())))

    @property
    def comment(self) -> str:
        """One paragraph for the relation's COMMENT."""
        parts = (self.title, self.formula and f"Formula: {self.formula}")
        more = (self.grain and f"Grain: {self.grain}", self.source and f"Source: {self.source}")
        example = f"Example: {self.example}" if self.example else ""
        return ". ".join(part for part in (*parts, *more, example) if part)

    @property
    def comments(self) -> list[str]:
        """The COMMENT statements of the relation and its columns."""
        kind = {"tables": "table", "macros": "macro"}.get(self.folder, "view")
        if kind == "macro" and "as table" in self.statement:
            kind = "macro table"
        statements = [f"comment on {kind} {self.name} is {quoted(self.comment)}"]
        for column, text in self.columns.items():
            statements.append(f"comment on column {self.name}.{column} is {quoted(text)}")
        return statements


def quoted(text: str) -> str:
    """Return a text as a SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


@cache
def sql_home() -> Path:
    """Return the folder of the SQL files: inside an installed package, else in the repository."""
    package = Path(__file__).parents[1]
    inside = package / "sql"
    return inside if inside.is_dir() else package.parent / "sql"


def parsed(text: str, folder: str, name: str) -> SqlFile:
    r"""Return the header and the statement of a SQL file's text.

    >>> file = parsed("-- title: One\n-- columns:\n--   n  a number\nselect 1 as n;", "", "")
    >>> file.title, file.columns, file.statement
    ('One', {'n': 'a number'}, 'select 1 as n')
    """
    header: dict[str, str] = {}
    columns: dict[str, str] = {}
    key = ""
    lines = text.splitlines()
    body = next((at for at, line in enumerate(lines) if not line.startswith("--")), len(lines))
    for line in lines[:body]:
        content = line[2:].strip()
        first, _, rest = content.partition(":")
        if first in HEADER_KEYS:
            key = first
            header[key] = rest.strip()
        elif key == "columns":
            column, _, description = content.partition(" ")
            columns[column] = description.strip()
        elif key:
            header[key] += " " + content
    statement = "\n".join(lines[body:]).strip().rstrip(";")
    header.pop("columns", None)
    title = header.pop("title", "")
    return SqlFile(folder, name, title, statement, columns=columns, **header)


@cache
def sql_files(folder: str) -> tuple[SqlFile, ...]:
    """Return the SQL files of a folder, each after those it names."""
    paths = sorted((sql_home() / folder).glob("*.sql"))
    files = {path.stem: parsed(path.read_text("utf-8"), folder, path.stem) for path in paths}
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for name, file in files.items():
        sorter.add(name, *sorted((file.words & files.keys()) - {name}))
    return tuple(files[name] for name in sorter.static_order())


def relations() -> tuple[SqlFile, ...]:
    """Return every table, view and macro in build order."""
    return tuple(file for folder in FOLDERS for file in sql_files(folder))


@cache
def fingerprint() -> str:
    """Return the SHA-256 of all tables, views and macros: it changes when one of them does."""
    digest = hashlib.sha256()
    for file in relations():
        digest.update(repr((file.name, file.statement, file.comments)).encode())
    return digest.hexdigest()
