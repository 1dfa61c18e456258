"""Progress on standard error: networks done, rate, time left; lines where it is no terminal."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click


@contextmanager
def progress(total: float, unit: str) -> Iterator[Callable[[float, str], None]]:
    """Yield a function that is told how much has just been done, and on what."""
    if not sys.stderr.isatty():
        yield lines(total, unit)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    with Progress(
        BarColumn(20),
        TextColumn(f"{{task.completed:.1f}}/{{task.total:g}} {unit}"),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(compact=True),
        TextColumn("left: {task.description}"),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task("", total=total, rate="")

        def advance(amount: float, what: str) -> None:
            speed = bar.tasks[0].speed
            rate = f"{speed:.2f}/s" if speed else ""
            bar.update(task, advance=amount, description=what, rate=rate)

        yield advance


def lines(total: float, unit: str) -> Callable[[float, str], None]:
    """Return an `advance` that writes a line after each tenth of the work."""
    done, said, started = 0.0, 0, time.monotonic()

    def advance(amount: float, what: str) -> None:
        nonlocal done, said
        done += amount
        tenth = int(10 * done / total + 1e-9) if total else 10
        if tenth > said:
            said = tenth
            elapsed = time.monotonic() - started
            left = elapsed * max(total - done, 0.0) / done if done else 0.0
            click.echo(
                f"{done:.0f}/{total:g} {unit}, {done / max(elapsed, 1e-9):.2f} a second,"
                f" {left:.0f} s left: {what}",
                err=True,
            )

    return advance
