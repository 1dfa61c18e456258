"""``geoflow datasets``: what there is to train on, and how to fetch it."""

from pathlib import Path

import click

from geoflow.cli import options
from geoflow.cli.output import answer, row_format, write_rows


@click.group(invoke_without_command=True)
@options.data_dir
@row_format
@click.pass_context
def datasets(ctx: click.Context, data_dir: Path | None, row_format: str) -> None:
    """List data sets: points, features, classes, where from, present or not.

    Any other pair of classes has a name too: digits_4v9, mnist_3v5, fashion_coat_v_dress.

    \b
    Example:  geoflow datasets
    """
    if ctx.invoked_subcommand is not None:
        return
    from dataclasses import asdict

    import polars as pl

    from geoflow.datasets import listing

    write_rows(pl.DataFrame([asdict(one) for one in listing(data_dir)]), row_format)


@datasets.command()
@click.argument("names", nargs=-1, required=True)
@options.data_dir
def fetch(names: tuple[str, ...], data_dir: Path | None) -> None:
    """Download the files of data sets from their publishers, and check their md5.

    \b
    Example:  geoflow datasets fetch mnist_1v7
    """
    from geoflow.cli.download import download_bar
    from geoflow.datasets import fetch as fetch_files

    for name in names:
        with download_bar(name) as bar:
            for path in fetch_files(name, data_dir, progress=bar):
                answer(str(path))
