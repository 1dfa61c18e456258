"""The ``geoflow`` command: a command opens, calls one library function, and prints.

Rows go to standard output, progress and notes to standard error. Exit status: 0 done, 1 a mistake
said in one line or a check that found something, 2 wrong usage, 130 interrupted, 143 terminated,
129 hung up.
"""

from typing import Any

import click

from geoflow import __version__
from geoflow.cli.commands.datasets import datasets
from geoflow.cli.commands.explore import check, export, networks, query, show, views
from geoflow.cli.commands.ingest import ingest
from geoflow.cli.commands.study import study
from geoflow.cli.commands.train import train
from geoflow.cli.signals import stopping
from geoflow.errors import GeoflowError


class Main(click.Group):
    """The one place where an exception becomes a message and an exit status."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a mistake of the user ends in one line."""
        stop = ctx.with_resource(stopping())
        try:
            with stop.answered():
                return super().invoke(ctx)
        except GeoflowError as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(1)
        except KeyboardInterrupt:
            click.echo(
                "Stopped. A study keeps its finished cells; its command goes on from there.",
                err=True,
            )
            ctx.exit(stop.status)


@click.group(cls=Main, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="geoflow")
def main() -> None:
    """Explore the geometry of neural networks, layer by layer, in one DuckDB file.

    Start with:  geoflow study run quickstart
    """


for command in (datasets, train, ingest, study, networks, show, views, query, check, export):
    main.add_command(command)
