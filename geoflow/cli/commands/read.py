"""Commands that read a store: networks, show, views, query, check, export."""

import sys
from pathlib import Path

import click

from geoflow.cli import options
from geoflow.cli.output import answer, row_format, say, write_rows
from geoflow.errors import SpecError
from geoflow.specs.kinds import CONVENTIONS, EXPORT_FORMATS


@click.command()
@options.db
@click.option("--study", help="Only this study.")
@click.option("--dataset", help="Only this data set.")
@row_format
def networks(db: Path, study: str | None, dataset: str | None, row_format: str) -> None:
    """List networks with their accuracy and their coefficient at the optimal k.

    \b
    Example:  geoflow networks --dataset digits_3v8
    """
    from geoflow.store.results import open as open_store

    rows = open_store(db).networks(study, dataset)
    kept = (
        "network", "dataset", "width", "depth", "test_accuracy", "is_accurate", "convention",
        "n_k_connected", "optimal_k", "ricci_coefficient", "status",
    )  # fmt: skip
    write_rows(rows.select(kept) if row_format == "table" else rows, row_format)


@click.command()
@click.argument("network")
@options.db
@row_format
def show(network: str, db: Path, row_format: str) -> None:
    """Show a network: its layer graphs and its Ricci coefficients (other formats: the graphs).

    \b
    Example:  geoflow show quickstart/digits_3v8-narrow-5-0
    """
    from geoflow.store.results import open as open_store

    summary, graphs, coefficients = open_store(db).show(network)
    if row_format != "table":
        write_rows(graphs, row_format)
        return
    for name, value in summary.row(0, named=True).items():
        if value is not None:
            answer(f"{name:18} {value}")
    for frame in (graphs, coefficients):
        write_rows(frame, "table")


@click.command()
@click.argument("name", required=False)
@row_format
def views(name: str | None, row_format: str) -> None:
    """List tables, views and macros; with a NAME, its formula, source and columns.

    \b
    Example:  geoflow views ricci_coefficients
    """
    from geoflow.store.results import catalogue, described

    if name is None:
        rows = catalogue()
        write_rows(
            rows.select("name", "kind", "title") if row_format == "table" else rows, row_format
        )
        return
    file, columns = described(name)
    tell = answer if row_format == "table" else say
    for title in ("title", "formula", "source", "grain", "example"):
        if getattr(file, title):
            tell(f"{title:8} {getattr(file, title)}")
    if not columns.is_empty():
        write_rows(columns, row_format)


def read_statement() -> str:
    """Return the SQL on standard input."""
    if sys.stdin is None:
        raise SpecError("standard input is closed: write the SQL, not -")
    try:
        return sys.stdin.buffer.read().decode()
    except UnicodeDecodeError:
        raise SpecError("standard input is not text in UTF-8: write one SQL statement") from None


@click.command()
@click.argument("sql")
@options.db
@click.option("--output", type=click.Path(path_type=Path), help="Write rows to a file.")
@row_format
def query(sql: str, db: Path, output: Path | None, row_format: str) -> None:
    """Run SQL on the store, read-only; - reads it from standard input.

    \b
    Example:  geoflow query "from optimal_k order by aggregated_ricci_coefficient"
    """
    from geoflow.machine.wholefile import refuse_output
    from geoflow.store.results import open as open_store

    if output is not None:
        refuse_output(output, db)
    text = read_statement() if sql == "-" else sql
    write_rows(open_store(db).query(text), row_format, output)


@click.command()
@options.db
@row_format
@click.pass_context
def check(ctx: click.Context, db: Path, row_format: str) -> None:
    """Check the stored data: recompute curvature in SQL, totals, keys; exit 1 on an offence.

    \b
    Example:  geoflow check
    """
    from geoflow.store.results import open as open_store

    rows = open_store(db).check()
    write_rows(rows, row_format)
    offences = int(rows["n_offences"].sum())
    if offences:
        say(f"Error: {offences} offending rows in {db}: see sql/checks")
        ctx.exit(1)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.argument("names", nargs=-1)
@options.db
@click.option(
    "--graph",
    type=(str, int, int),
    metavar="NETWORK LAYER K",
    help="Write this layer graph instead, for Gephi, Cytoscape, igraph or networkx.",
)
@click.option(
    "--convention",
    type=click.Choice(CONVENTIONS),
    help="How neighbours become edges of the graph.  [default: the first measured]",
)
@click.option(
    "--format",
    "file_format",
    type=click.Choice([*EXPORT_FORMATS, "graphml", "gexf"]),
    help=f"[default: {EXPORT_FORMATS[0]}; of a graph graphml, gexf and parquet]",
)
def export(
    folder: Path | None,
    names: tuple[str, ...],
    db: Path,
    graph: tuple[str, int, int] | None,
    convention: str | None,
    file_format: str | None,
) -> None:
    """Write tables and views to files in FOLDER, one each; all of them if no NAMES are given.

    With --graph a layer graph, to the current folder if no FOLDER is given.

    \b
    Example:  geoflow export tables ricci_coefficients flow_steps --format csv
    Example:  geoflow export --graph quickstart/digits_3v8-narrow-5-0 2 8
    """
    from geoflow.store.results import open as open_store

    if graph is None:
        if folder is None:
            raise click.UsageError("Missing argument 'FOLDER'.")
        if convention is not None:
            raise click.UsageError("--convention is of --graph: leave it out")
        for path in open_store(db).export(folder, names, file_format or EXPORT_FORMATS[0]):
            answer(str(path))
        return
    from geoflow.store.graphfiles import USUAL_FORMATS, export_graph

    if names:
        raise click.UsageError("give --graph or NAMES, not both")
    formats = USUAL_FORMATS if file_format is None else (file_format,)
    where = Path() if folder is None else folder
    for path in export_graph(open_store(db), where, graph, convention or "", formats):
        answer(str(path))
