"""Finds the SQL files, reads their headers and puts them in the order they are built.

One relation per file, file name = relation name. A header says title, formula, source, grain and
columns; it becomes the COMMENTs of the relation, so documentation is written once: a column that is
named without a text says what it says in the relation that the statement takes it from. Folders are
built in the order of FOLDERS and read only from those before; inside a folder a file comes after
those it names. ``checks/`` and ``questions/`` are queries, not relations: the rows that a check
selects are offences, those of a question are its answer.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

from geoflow.scores.rows import filled
from geoflow.text.literal import quoted

FOLDERS = ("functions", "tables", "staging", "intermediate", "marts", "reports", "macros")

KINDS = {"functions": "macro", "tables": "table", "macros": "macro"}
"""What a file of a folder makes; those of other folders make views."""

HEADER_KEYS = ("title", "formula", "source", "grain", "columns", "parameters", "example")

OWN_KEY = "key"
"""What a table says of its own key, which it is nowhere else."""

LISTS = ("columns", "parameters")
"""Keys of a header that have a line for each name."""


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
    parameters: dict[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """What the file makes: a table, a view or a macro."""
        return KINDS.get(self.folder, "view")

    @property
    def is_readable(self) -> bool:
        """Whether what it makes has rows and columns of its own."""
        return self.kind != "macro"

    @property
    def sources(self) -> set[str]:
        """Every name that the statement takes rows from."""
        return named_relations(self.statement)

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
        kind = "macro table" if "as table" in self.statement else self.kind
        statements = [f"comment on {kind} {self.name} is {quoted(self.comment)}"]
        for column, text in self.columns.items():
            statements.append(f"comment on column {self.name}.{column} is {quoted(text)}")
        return statements


def named_relations(sql: str) -> set[str]:
    """Return every name that a statement takes rows from.

    >>> sorted(named_relations("from a join b using (k) where c = 'd'"))
    ['a', 'b']
    """
    return set(re.findall(r"\b(?:from|join) ([a-z_0-9]+)", sql.lower()))


@cache
def sql_home() -> Path:
    """Return the folder of the SQL files: inside an installed package, else in the repository."""
    package = Path(__file__).parents[1]
    inside = package / "sql"
    return inside if inside.is_dir() else package.parent / "sql"


def parsed(text: str, folder: str, name: str) -> SqlFile:
    r"""Return the header and the statement of a SQL file's text, rows of scores filled in.

    >>> file = parsed("-- title: One\n-- columns:\n--   n  a number\nselect 1 as n;", "", "")
    >>> file.title, file.columns, file.statement
    ('One', {'n': 'a number'}, 'select 1 as n')
    """
    header: dict[str, str] = {}
    lists: dict[str, dict[str, str]] = {key: {} for key in LISTS}
    key = ""
    lines = text.splitlines()
    body = next((at for at, line in enumerate(lines) if not line.startswith("--")), len(lines))
    for line in lines[:body]:
        content = line[2:].strip()
        first, _, rest = content.partition(":")
        if first in HEADER_KEYS:
            key = first
            header[key] = rest.strip()
        elif key in LISTS:
            lists[key] |= listed_columns(content)
        elif key:
            header[key] += " " + content
    statement = filled("\n".join(lines[body:]).strip().rstrip(";"))
    columns, parameters = (lists[key] for key in LISTS)
    fields = {key: value for key, value in header.items() if key not in (*LISTS, "title")}
    return SqlFile(
        folder,
        name,
        header.get("title", ""),
        statement,
        columns=columns,
        parameters=parameters,
        **fields,
    )


def listed_columns(line: str) -> dict[str, str]:
    """Return the name of a line of a list and its text, or several names without a text.

    >>> listed_columns("k  number of neighbours"), listed_columns("study, dataset")
    ({'k': 'number of neighbours'}, {'study': '', 'dataset': ''})
    >>> listed_columns("depth")
    {'depth': ''}
    """
    if re.fullmatch(r"\w+(, ?\w+)*,?", line):
        return dict.fromkeys(re.findall(r"\w+", line), "")
    name, _, text = line.partition(" ")
    return {name: text.strip()}


@cache
def sql_files(folder: str) -> tuple[SqlFile, ...]:
    """Return the SQL files of a folder, each after those it names."""
    paths = sorted((sql_home() / folder).glob("*.sql"))
    files = {path.stem: parsed(path.read_text("utf-8"), folder, path.stem) for path in paths}
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for name, file in files.items():
        sorter.add(name, *sorted((file.words & files.keys()) - {name}))
    return tuple(files[name] for name in sorter.static_order())


@cache
def relations() -> tuple[SqlFile, ...]:
    """Return every function, table, view and macro in build order, every column with its text."""
    known: dict[str, SqlFile] = {}
    for folder in FOLDERS:
        for file in sql_files(folder):
            columns = {
                name: text or inherited(file, name, known) for name, text in file.columns.items()
            }
            known[file.name] = replace(file, columns=columns)
    return tuple(known.values())


def inherited(file: SqlFile, column: str, known: Mapping[str, SqlFile]) -> str:
    r"""Return what a column says in the relation that a statement selects it from, '' if unclear.

    That is the relation of its alias, else all that the statement reads, if they agree.

    >>> graphs = parsed("-- columns:\n--   k  number of neighbours", "tables", "graphs")
    >>> view = parsed("-- columns:\n--   k\nselect g.k from graphs as g", "marts", "view")
    >>> inherited(view, "k", {"graphs": graphs})
    'number of neighbours'
    """
    aliases = {alias: name for name, alias in re.findall(r"\b(\w+) as (\w+)", file.statement)}
    selected = re.findall(rf"\b(\w+)\.{column}(?=,|\s+from\b)", file.statement)
    for names in ({aliases.get(alias, "") for alias in selected}, file.sources):
        files = [known[name] for name in names & known.keys()]
        texts = {one.columns.get(column, "") for one in files} - {"", OWN_KEY}
        if len(texts) == 1:
            return texts.pop()
    return ""


@cache
def fingerprint() -> str:
    """Return the SHA-256 of all relations and functions: it changes when one of them does."""
    digest = hashlib.sha256()
    for file in relations():
        digest.update(repr((file.name, file.statement, file.comments)).encode())
    return digest.hexdigest()
