"""The ``geoflow`` command: a command opens, calls one library function, and prints.

Rows go to standard output, progress and notes to standard error. Exit status: 0 done, 1 a mistake
said in one line or a check that found something, 2 wrong usage, 129 hung up, 130 interrupted,
141 the reader of the output has gone, 143 terminated.
"""

import shlex
import sys
from typing import Any, NoReturn

import click

from geoflow import __version__
from geoflow.cli._debug import told_log
from geoflow.cli._mistakes import in_a_line, usage_lines, whole_story
from geoflow.cli._signals import answer_signals
from geoflow.cli.commands.capture import capture
from geoflow.cli.commands.datasets import datasets
from geoflow.cli.commands.explore import explore
from geoflow.cli.commands.ingest import ingest
from geoflow.cli.commands.layout import layout
from geoflow.cli.commands.migrate import migrate
from geoflow.cli.commands.read import check, export, networks, query, show, views
from geoflow.cli.commands.study import study
from geoflow.cli.commands.train import train
from geoflow.cli.output import fill_closed_streams, flush, has_reader, say
from geoflow.machine.said import said

READER_GONE = 141
"""What a shell says of a program that SIGPIPE ended: 128 + 13."""


class Main(click.Group):
    """The one place where an exception becomes a message and an exit status."""

    def main(self, *args: Any, **extra: Any) -> NoReturn:
        """Run the command line and exit."""
        fill_closed_streams()
        status: Any = None
        typed = args[0] if args else extra.get("args")
        try:
            with said(shlex.join(["geoflow", *(sys.argv[1:] if typed is None else typed)])):
                status = super().main(*args, **extra | {"standalone_mode": False})
        except click.ClickException as error:
            say(*usage_lines(error))
            status = error.exit_code
        except click.Abort:
            say("Stopped.")
            status = 130
        except (Exception, KeyboardInterrupt) as error:
            status = report_end(error, has_debug=False)
        flush()
        sys.exit(status if isinstance(status, int) else 0)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a mistake of the user ends in one line."""
        if ctx.params["debug"]:
            ctx.with_resource(told_log())
        stop = ctx.with_resource(answer_signals())
        try:
            with stop.answer():
                return super().invoke(ctx)
        except (click.ClickException, click.Abort, click.exceptions.Exit, SystemExit):
            raise
        except BaseException as error:  # polars panics with one that is no Exception
            ctx.exit(report_end(error, ctx.params["debug"], stop.status))


def report_end(error: BaseException, has_debug: bool, if_stopped: int = 130) -> int:
    """Say what an exception means and return the exit status."""
    if isinstance(error, BrokenPipeError) and not has_reader():
        return READER_GONE
    if has_debug:
        say(*whole_story(error))
    if isinstance(error, KeyboardInterrupt):
        say("Stopped. A study keeps its finished cells; its command goes on from there.")
        return if_stopped
    say(f"Error: {in_a_line(error)}")
    return 1


@click.group(cls=Main, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="geoflow")
@click.option("--debug", is_flag=True, help="Say where an error comes from, and tell the log.")
def main(debug: bool) -> None:
    """Explore the geometry of neural networks, layer by layer, in one DuckDB file.

    Start with:  geoflow study run quickstart
    """


for command in (
    datasets, train, ingest, capture, study, explore, networks, show, views, query, check, export,
    layout, migrate,
):  # fmt: skip
    main.add_command(command)
