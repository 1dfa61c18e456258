"""Progress on standard error: networks done, rate, time left; lines where it is no terminal."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from geoflow.cli.output import say
from geoflow.specs import ALREADY_THERE
from geoflow.text.shown import shown


@contextmanager
def progress(total: float, unit: str) -> Iterator[Callable[[float, str], None]]:
    """Yield a function that is told how much has just been done, and on what."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield line_progress(total, unit)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    with Progress(
        BarColumn(20),
        TextColumn(f"{{task.completed:.1f}}/{{task.total:g}} {unit}"),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(compact=True),
        TextColumn("left: {task.description}", markup=False),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task("", total=total, rate="")

        def advance(amount: float, what: str) -> None:
            speed = bar.tasks[0].speed
            rate = f"{speed:.2f}/s" if speed else ""
            bar.update(task, advance=amount, description=shown(what), rate=rate)

        yield advance


def line_progress(total: float, unit: str) -> Callable[[float, str], None]:
    """Return an `advance` that writes a line after each tenth of the work."""
    done, there, said, started = 0.0, 0.0, 0, time.monotonic()

    def advance(amount: float, what: str) -> None:
        nonlocal done, there, said
        done += amount
        there += amount if what == ALREADY_THERE else 0.0
        tenth = int(10 * done / total + 1e-9) if total else 10
        if tenth > said:
            said = tenth
            pace = (done - there) / max(time.monotonic() - started, 1e-9)
            seconds = max(total - done, 0) / pace if pace else 0
            left = f", {pace:.2f} a second, {seconds:.0f} s left" if pace else ""
            say(f"{done:.0f}/{total:g} {unit}{left}: {what}")

    return advance


def note_elsewhere(n_networks: int) -> None:
    """Say that another process has written networks of the same study meanwhile, if so."""
    if n_networks:
        what = "1 network" if n_networks == 1 else f"{n_networks} networks"
        say(f"Another process wrote {what} of this study meanwhile.")
