"""The pages of documentation: their blocks, and the tables that are made from what they describe.

A table between ``<!-- made: NAME -->`` and ``<!-- end -->`` is made by SECTIONS[NAME].
``python tests/pages.py`` writes them all anew.
"""

import inspect
import re
import sys
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path

import click
from test_imports import TIER

import geoflow
from geoflow.cli import main
from geoflow.datasets import listing
from geoflow.scores import catalogue_markdown
from geoflow.specs.findings import findings, title
from geoflow.specs.studyfile import shipped, study_specs
from geoflow.store._sqlfiles import FOLDERS, sql_files

ROOT = Path(__file__).parent.parent
PACKAGE = Path(geoflow.__file__).parent
PARTS = ("geoflow", "sql", "tests")
MADE = re.compile(r"(<!-- made: ([a-z ]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def pages() -> list[Path]:
    """Return every page: the README, and those beside what they describe."""
    found = (path for part in PARTS for path in (ROOT / part).rglob("*.md"))
    return [ROOT / "README.md", *sorted(found)]


def blocks(text: str, kinds: str) -> list[tuple[str, str]]:
    """Return (kind, content) of the code blocks of the kinds, a regular expression."""
    return re.findall(rf"^```({kinds})\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def markdown(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table of Markdown."""
    cells = [[one.replace("|", r"\|") for one in row] for row in (head, *rows)]
    lines = [f"| {' | '.join(row)} |" for row in cells]
    return "\n".join([lines[0], "|" + "---|" * len(cells[0]), *lines[1:]])


def code(text: str) -> str:
    """Return a text as code, nothing if it is empty."""
    fence = "``" if "`" in text else "`"
    return f"{fence}{text}{fence}" if text else ""


def first_line(thing: object) -> str:
    """Return the first line of a docstring, without its full stop."""
    line = (inspect.getdoc(thing) or "").splitlines()[0]
    return line.rstrip(".").replace("``", "`")


def relations() -> str:
    """Return a table for each folder of ``sql/``, from the headers of its files."""
    folders = (*reversed(FOLDERS), "checks")
    return "\n\n".join(f"## {one.capitalize()}\n\n{headers(one, f'{one}/')}" for one in folders)


def headers(folder: str, where: str) -> str:
    """Return the table of the files of a folder of ``sql/``, seen from a page elsewhere."""
    files = sorted(sql_files(folder), key=lambda file: file.name)
    kept = [name for name in COLUMNS if any(getattr(file, name) for file in files)]
    rows = [
        [f"[`{file.name}`]({where}{file.name}.sql)", file.title]
        + [COLUMNS[name](getattr(file, name)) for name in kept]
        for file in files
    ]
    return markdown(["name", "what it holds", *kept], rows)


COLUMNS: dict[str, Callable[[str], str]] = {
    "example": code,
    "grain": str,
    "formula": code,
    "source": str,
}
"""Fields of a header, in the order of their columns, and how each is written."""


def commands() -> str:
    """Return the table of commands, from their help."""
    rows = []
    for name, command in main.commands.items():
        rows.append((name, command))
        if isinstance(command, click.Group):
            rows += [(f"{name} {one}", inner) for one, inner in command.commands.items()]
    return markdown(
        ("command", "what it does"),
        [
            (code(f"geoflow {name}{usage(command)}"), command.get_short_help_str(200))
            for name, command in rows
        ],
    )


def usage(command: click.Command) -> str:
    """Return the arguments of a command as one types them."""
    given = [one for one in command.params if isinstance(one, click.Argument)]
    texts = [one.make_metavar(click.Context(command)) for one in given]
    return "".join(f" {one}" for one in texts)


def studies() -> str:
    """Return the table of the studies that come with geoflow."""
    rows = []
    for name in shipped():
        n_networks = sum(study.n_networks for study in study_specs(name))
        where = f"[`{name}`]({name}.md)" if findings(name) else f"[`{name}`]({name}.toml)"
        rows.append((where, title(name), f"{n_networks:,}"))
    return markdown(("study", "title", "networks"), rows)


def folders() -> str:
    """Return the table of the package, upper rows first; each imports from those below."""
    depth = {name: abs(at - TIER["errors"]) for name, at in TIER.items()}
    rows = []
    for name in sorted(depth, key=lambda one: (-depth[one], one)):
        module = import_module(f"geoflow.{name}")
        is_folder = (PACKAGE / name).is_dir()
        where = f"[`{name}/`]({name})" if is_folder else f"[`{name}.py`]({name}.py)"
        others = [code(one) for one in sorted(depth) if depth[one] == depth[name] and one != name]
        rows.append((where, first_line(module), ", ".join(others)))
    return markdown(("folder", "what it holds", "on one line with"), rows)


def datasets() -> str:
    """Return the table of data sets."""
    rows = [
        (code(one.name), f"{one.n_train:,}", f"{one.n_test:,}", f"{one.n_features:,}", one.source)
        for one in listing()
    ]
    return markdown(("data set", "training points", "test points", "features", "source"), rows)


SECTIONS: dict[str, Callable[[], str]] = {
    "commands": commands,
    "datasets": datasets,
    "folders": folders,
    "questions": lambda: headers("questions", ""),
    "relations": relations,
    "scores": catalogue_markdown,
    "studies": studies,
}


def filled(text: str) -> str:
    """Return a page with its tables made anew."""
    return MADE.sub(lambda found: f"{found[1]}{SECTIONS[found[2]]()}\n{found[3]}", text)


if __name__ == "__main__":
    for page in pages():
        page.write_text(filled(page.read_text("utf-8")), "utf-8")
        sys.stdout.write(f"Wrote {page}\n")
