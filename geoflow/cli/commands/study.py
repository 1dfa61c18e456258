"""``geoflow study``: grids of networks, resumed where they stopped."""

from dataclasses import replace
from pathlib import Path

import click

from geoflow.cli import options
from geoflow.cli.output import row_format, write_rows
from geoflow.cli.progress import progress


@click.group()
def study() -> None:
    """Train and measure whole grids of networks."""


@study.command()
@click.argument("spec")
@options.db
@options.data_dir
@options.device
@row_format
def run(spec: str, db: Path, data_dir: Path | None, device: str, row_format: str) -> None:
    r"""Run a study: SPEC is the name of one that comes with geoflow, or a TOML file.

    Interrupt it at any time: the same command goes on where it stopped.

    \b
    Example:  geoflow study run quickstart
    """
    from geoflow.results import open as open_store
    from geoflow.study import run_study
    from geoflow.studyfile import study_spec

    grid = replace(study_spec(spec), device=device)
    with progress(grid.n_networks, "networks") as advance:
        done = run_study(grid, db, data_dir, advance)
    store = open_store(db)
    rows = store.query(
        "select * exclude (study) from study_summary where study = $study", study=grid.name
    )
    write_rows(rows, row_format)
    some = store.query("select min(name) from networks where study = $s", s=grid.name).item()
    click.echo(
        f"{done.n_written} networks written, {done.n_present} were there, {done.n_failed} failed,"
        f" {done.seconds:.0f} s. The store is {db}\n"
        "rho < 0: distance grows where curvature is most negative, as in a Ricci flow."
        " Next:\n"
        f"  geoflow show {some} --db {db}\n"
        f'  geoflow query "from optimal_k" --db {db}\n'
        f"  python -c \"import geoflow; print(geoflow.open('{db}').view('ricci_coefficients'))\"",
        err=True,
    )
