"""``geoflow study``: grids of networks, resumed where they stopped."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from geoflow.cli import options
from geoflow.cli.output import answer, row_format, say, write_rows
from geoflow.cli.progress import note_elsewhere, progress

if TYPE_CHECKING:
    from distributed import Client

    from geoflow.specs import StudySpec
    from geoflow.study.run import StudyRun


@click.group()
def study() -> None:
    """Train and measure whole grids of networks."""


@study.command()
@click.argument("spec")
@options.db
@options.data_dir
@options.device
@options.curvature
@options.output
@options.transport(is_default=None)
@options.snapshots
@options.scores
@click.option(
    "--jobs",
    type=click.IntRange(1),
    help="Cells at work at once.  [default: one for each core, 1 for a study of seconds]",
)
@click.option(
    "--cluster",
    help="Dask scheduler whose workers do the cells, tcp://host:8786, or local:4.  [default: none]",
)
@click.option(
    "--shards",
    help="Folder that all workers see, or address of fsspec, by which they send what they made."
    "  [default: over Dask]",
)
@click.option("--only", multiple=True, help="Only these cells: dataset=mnist_1v7,depth=11.")
@click.option("--retry-failed", is_flag=True, help="Try cells again that failed before.")
@row_format
@click.pass_context
def run(
    ctx: click.Context,
    spec: str,
    db: Path,
    data_dir: Path | None,
    device: str,
    curvatures: tuple[str, ...],
    alphas: tuple[float, ...],
    output: bool | None,
    transport: bool | None,
    snapshots: tuple[int, ...],
    scores: tuple[str, ...],
    jobs: int | None,
    cluster: str | None,
    shards: str | None,
    only: tuple[str, ...],
    retry_failed: bool,
    row_format: str,
) -> None:
    """Run a study: SPEC is the name of one that comes with geoflow, or a TOML file.

    Interrupt it at any time: the same command goes on where it stopped.

    \b
    Example:  geoflow study run quickstart --only dataset=digits_3v8
    """
    from geoflow.specs import with_curvatures, with_scores, with_transport
    from geoflow.specs.studyfile import study_specs

    grids = [
        with_curvatures(
            replace(
                with_scores(with_transport(grid, transport), scores),
                device=device,
                snapshots=snapshots or grid.snapshots,
            ),
            curvatures,
            alphas,
            output,
        )
        for grid in study_specs(spec)
    ]
    with workers_at(cluster, device) as executor:
        words = {"only": only, "retry_failed": retry_failed, "shards": shards}
        done = run_grids(spec, grids, db, data_dir, jobs, executor=executor, **words)
    if db.exists():
        show_outcome(spec, [grid.name for grid in grids], done, db, row_format)
    note_elsewhere(sum(one.n_elsewhere for one in done))
    failures = [failure for one in done for failure in one.failures]
    for one in failures:
        say(f"Failed: {one.study} {one.dataset} {one.width} {one.depth}: {one.reason}")
    if failures:
        say(f"Error: {len(failures)} cells failed; try them again with --retry-failed")
        ctx.exit(1)


@contextmanager
def workers_at(address: str | None, device: str) -> Iterator["Client | None"]:
    """Yield a client of a cluster, None without one."""
    if address is None:
        yield None
        return
    from geoflow.study import cluster
    from geoflow.study.run import slots_of

    with cluster(address, device) as client:
        if not slots_of(client):
            say(f"{address} has no workers yet: the study waits for the first")
        yield client


def run_grids(
    spec: str,
    grids: "Sequence[StudySpec]",
    db: Path,
    data_dir: Path | None,
    jobs: int | None,
    executor: "Client | None",
    **asked: Any,
) -> "list[StudyRun]":
    """Run the grids of one study file one after the other, with one forecast and one bar."""
    from geoflow.store import make_ready
    from geoflow.study import Listener
    from geoflow.study.plan import forecast, usual_jobs
    from geoflow.study.run import refuse_beyond_here, run_study, slots_of
    from geoflow.study.selection import chosen_cells

    make_ready(db)
    cells = [cell for grid in grids for cell in chosen_cells(grid, asked["only"])]
    at_once = jobs if executor is not None else jobs or usual_jobs(cells)
    plan = forecast(cells, db, at_once or 1, slots_of(executor))
    refuse_beyond_here(spec, plan, db, executor is not None)

    def announce(_: object) -> None:
        """Say it of all grids at once, when the first is about to start."""
        say(str(plan))

    def listener(grid: "StudySpec") -> Listener:
        return Listener(advance, announce) if grid is grids[0] else Listener(advance)

    with progress(plan.n_networks, "networks") as advance:
        return [
            run_study(
                grid,
                db,
                data_dir,
                listener(grid),
                jobs=at_once,
                executor=executor,
                **asked,
            )
            for grid in grids
        ]


def show_outcome(
    spec: str, names: Sequence[str], done: "Sequence[StudyRun]", db: Path, row_format: str
) -> None:
    """Write the summary of the studies of these names, what was done, and what to do next."""
    from geoflow.store.results import open as open_store

    store = open_store(db)
    columns = "*" if len(names) > 1 else "* exclude (study)"
    rows = store.query(
        f"select {columns} from study_summary where study in (select unnest($names))", names=names
    )
    write_rows(rows, row_format)
    first = "select min(name) from networks where study = $s and final_id is null"
    some = store.query(first, s=names[0]).item()
    n_failed = sum(failure.n_networks for one in done for failure in one.failures)
    say(
        f"{sum(one.n_written for one in done)} networks written,"
        f" {sum(one.n_present for one in done)} were there,"
        f" {sum(one.n_diverged for one in done)} diverged, {n_failed} failed,"
        f" {sum(one.seconds for one in done):.0f} s. The store is {db}",
        "rho < 0: distance grows where curvature is most negative, as in a Ricci flow. Next:",
        f"  geoflow explore --db {db}",
        f"  geoflow study report {spec} --db {db}",
        f"  geoflow show {some} --db {db}",
        f'  geoflow query "from optimal_k" --db {db}',
    )


@study.command()
@click.argument("spec")
@options.db
@row_format
def status(spec: str, db: Path, row_format: str) -> None:
    """Show each cell of a study: done, failed, waiting, below threshold, time left.

    \b
    Example:  geoflow study status paper
    """
    from geoflow.specs.studyfile import study_specs

    grids = study_specs(spec)
    import polars as pl

    from geoflow.geometry.compiled import n_threads
    from geoflow.study.plan import forecast
    from geoflow.study.selection import chosen_cells
    from geoflow.study.status import study_status

    rows = pl.concat([study_status(grid, db) for grid in grids])
    write_rows(rows, row_format)
    left = rows["seconds_left"].sum() if rows["seconds_left"].null_count() == 0 else None
    say(
        f"{rows['n_done'].sum()} of {rows['n_networks'].sum()} networks there,"
        f" {rows['n_below_threshold'].sum()} below their threshold,"
        f" {(rows['state'] == 'failed').sum()} cells failed"
        + ("" if left is None else f", about {left / 60:.0f} minutes left")
    )
    cells = [cell for grid in grids for cell in chosen_cells(grid)]
    say(str(forecast(cells, db, n_threads())))


@study.command()
@click.argument("spec")
@options.db
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="The HTML file.  [default: STUDY-report.html]",
)
@row_format
def report(spec: str, db: Path, output: Path | None, row_format: str) -> None:
    """Print a study's headline beside the papers' and write its figures to one HTML file.

    \b
    Example:  geoflow study report quickstart
    """
    from geoflow.report import study_report

    made = study_report(spec, db, output)
    for_people = row_format in ("table", "markdown")
    for rows in made.readable if for_people else (made.headline,):
        write_rows(rows, row_format)
    for name in made.missing:
        say(f"Not in {db}: {name}")
    say(f"Wrote {made.path}: open it in a browser, it needs no network")


@study.command()
@click.argument("spec")
def show(spec: str) -> None:
    """Show a study: its title, its grid, and what was found with it.

    \b
    Example:  geoflow study show paper
    """
    from geoflow.specs.findings import findings, grid, title
    from geoflow.specs.studyfile import study_specs

    rows = grid(study_specs(spec))
    import polars as pl

    answer(title(spec), "")
    write_rows(pl.DataFrame(rows), "table")
    found = findings(spec)
    answer("", *found.splitlines())
    if not found:
        say(f"No findings are written for {spec}: they would stand in a .md file beside its .toml")


@study.command()
@click.argument("stores", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--into", required=True, type=click.Path(path_type=Path), help="The store they are taken into."
)
def merge(stores: tuple[Path, ...], into: Path) -> None:
    """Take the networks of STORES into one store, all of them or nothing.

    Networks of one name are taken once, and refused where they are not one network.

    \b
    Example:  geoflow study merge one.duckdb other.duckdb --into both.duckdb
    """
    from geoflow.study import merge_studies

    done = merge_studies(stores, into)
    answer(
        f"{done.n_written} networks written to {into}, {done.n_alike} were there alike, of"
        f" {len(done.studies)} studies: {', '.join(done.studies)}"
    )
