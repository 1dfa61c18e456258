"""The command that serves the explorer."""

from pathlib import Path

import click

from geoflow.cli import options
from geoflow.cli.output import answer, say
from geoflow.errors import SpecError


@click.command()
@options.db
@click.option(
    "--port", type=click.IntRange(1, 65535), help="Where to listen.  [default: a free port]"
)
@click.option("--no-browser", is_flag=True, help="Print the address and open no browser.")
def explore(db: Path, port: int | None, no_browser: bool) -> None:
    """See and walk the geometry: a page over the store, for this machine alone, until Ctrl-C.

    \b
    Example:  geoflow explore --no-browser
    """
    try:
        from geoflow.explore import serve
    except ModuleNotFoundError as error:
        raise SpecError(
            f"the explorer needs {error.name}: pip install 'geoflow-explorer[explore]'"
        ) from None

    def tell(where: str) -> None:
        answer(where)
        say(f"{db} is shown at {where} to this machine alone; Ctrl-C ends it")

    serve(db, port, not no_browser, tell)
