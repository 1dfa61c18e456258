"""Makes the report of a study and writes it, whole or not at all."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from geoflow import __version__
from geoflow.errors import SpecError
from geoflow.machine.wholefile import refuse_output, write_whole
from geoflow.report._exhibits import Exhibit, Section
from geoflow.report._localflow import local_headline, local_sections
from geoflow.report._page import page
from geoflow.report._sections import Place, headline, sections
from geoflow.report._transport import transport_headline, transport_parts
from geoflow.specs.studyfile import study_specs
from geoflow.store.questions import Ask, question_answer
from geoflow.store.results import open as open_store


@dataclass(frozen=True)
class Report:
    """The headline in numbers and for people, the HTML file, studies of the SPEC not in the store.

    readable is what the page begins with, and the transport scores where there are any.
    """

    headline: pl.DataFrame
    readable: tuple[pl.DataFrame, ...]
    path: Path
    missing: tuple[str, ...]


def study_report(spec: str, db: Path | str, output: Path | None = None) -> Report:
    """Write the report of a study, or of every variant it has, and return its headline.

    spec: a shipped study or a TOML file. output: an HTML file, by default that of
    `default_output` in the current folder. Raises SpecError if the store has nothing of the
    study or the file cannot be written; a file that is there is replaced only by a whole one.
    """
    names = [study.name for study in study_specs(spec)]
    path = output or default_output(names)
    refuse_output(path, Path(db))
    with open_store(db).held(keeps_views=True) as store:
        found = question_answer(store.query, "studied_places", studies=names).rows
        there = [name for name in names if name in found["study"]]
        if not there:
            raise SpecError(
                f"{db} has no network of {' or '.join(names)} with two hidden layers or more:"
                f" run `geoflow study run {spec}` first"
            )
        beginning = first_page(store.query, there, "directed" in found["convention"])
        parts = parts_of(store.query, there, found)
    missing = tuple(name for name in names if name not in there)
    title = f"geoflow study {common_name(there)}"
    html = page(title, introduction(store.path, missing), beginning.exhibits, parts)
    write_whole(path, html.encode())
    return Report(beginning.headline, beginning.readable, path, missing)


@dataclass(frozen=True)
class Beginning:
    """What a page begins with: the headline in numbers, tables for people, all as exhibits."""

    headline: pl.DataFrame
    readable: tuple[pl.DataFrame, ...]
    exhibits: tuple[Exhibit, ...]


def first_page(ask: Ask, studies: list[str], is_directed: bool) -> Beginning:
    """Return the headlines of studies; of directed graphs that of the 2024 paper comes first.

    Of others the transport scores do, where there are any.
    """
    table, exhibits = headlines(ask, studies)
    moved = transport_headline(ask, studies)
    if not moved:
        return Beginning(table, (exhibits[0].rows,), tuple(exhibits))
    rows, exhibit = moved
    if is_directed:
        readable = (exhibits[0].rows, exhibit.rows)
        return Beginning(table, readable, (exhibits[0], exhibit, *exhibits[1:]))
    return Beginning(rows, (exhibit.rows,), (exhibit, *exhibits))


def parts_of(ask: Ask, studies: list[str], places: pl.DataFrame) -> dict[str, list[Section]]:
    """Return the sections of a page by the title of their part.

    places: the answer to the question `studied_places`.
    """
    parts = transport_parts(ask, studies)
    for name in studies:
        mine = places.filter(pl.col("study") == name)
        for (convention,), part in mine.group_by("convention", maintain_order=True):
            datasets = part["dataset"].to_list()
            parts[f"{name}, {convention} graphs"] = [
                *local_sections(ask, name, str(convention)),
                *sections(ask, Place(name, str(convention)), datasets),
            ]
    return parts


def headlines(ask: Ask, studies: list[str]) -> tuple[pl.DataFrame, list[Exhibit]]:
    """Return the headline in numbers, and the headlines a page begins with, that one first.

    The headline is that of the 2024 paper, of directed graphs. Where no study has such graphs and
    there is a local geometry it is the local flow instead.
    """
    table, first = headline(ask, studies)
    known = question_answer(ask, "local_studies", studies=studies).rows
    if known.is_empty():
        return table, [first]
    local, exhibit = local_headline(ask, known["study"].to_list())
    if known["is_directed"].any() or known.height < len(studies):
        return table, [first, exhibit]
    return local, [exhibit, first]


def default_output(studies: list[str]) -> Path:
    """Return the file of a report that has no name: that of its study, or of all variants.

    >>> default_output(["controls/untrained", "controls/shuffled"]).name
    'controls-report.html'
    """
    return Path(f"{common_name(studies).replace('/', '-')}-report.html")


def common_name(studies: list[str]) -> str:
    """Return the name of a study, or of the one that all are variants of.

    >>> common_name(["controls/untrained"]), common_name(["controls/untrained", "controls/x"])
    ('controls/untrained', 'controls')
    """
    return studies[0] if len(studies) == 1 else studies[0].split("/", maxsplit=1)[0]


def introduction(db: Path, missing: tuple[str, ...]) -> str:
    """Return the words at the top of the page."""
    words = (
        f"Made by geoflow {__version__} from {db.name}. ρ is the Ricci coefficient: Pearson"
        " correlation of total curvature and of the change of total distance, over the steps"
        " between hidden layers (start = 'hidden'). Under every figure and table is the SQL that"
        " gave its rows; save it as rows.sql and run `geoflow query - < rows.sql`"
    )
    return words + (f". Not in the store: {', '.join(missing)}." if missing else ".")
