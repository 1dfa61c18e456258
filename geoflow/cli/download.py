"""A bar for downloads in the form that pooch asks for."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import DownloadColumn, Progress, TransferSpeedColumn

from geoflow.text.shown import shown


class DownloadBar:
    """Counts bytes: ``total``, ``update``, ``reset`` and ``close`` are what pooch calls."""

    def __init__(self, bar: Progress, name: str) -> None:
        self.bar = bar
        self.task = bar.add_task(name, total=None)

    @property
    def total(self) -> float | None:
        """Bytes of the file, None until the server has said."""
        return self.bar.tasks[0].total

    @total.setter
    def total(self, size: float) -> None:
        self.bar.update(self.task, total=size)

    def update(self, size: int) -> None:
        """Add bytes that have come."""
        self.bar.update(self.task, advance=size)

    def reset(self) -> None:
        """Start again at 0: the next file."""
        self.bar.update(self.task, completed=0)

    def close(self) -> None:
        """Leave the bar to its context."""


@contextmanager
def download_bar(name: str) -> Iterator[DownloadBar]:
    """Yield a bar on standard error for the files of a data set."""
    columns = (*Progress.get_default_columns(), DownloadColumn(), TransferSpeedColumn())
    console = Console(stderr=True)
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        yield DownloadBar(bar, escape(shown(name)))
