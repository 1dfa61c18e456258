"""``geoflow layout``: positions that take long, computed once."""

from pathlib import Path

import click

from geoflow.cli import options
from geoflow.cli.output import answer
from geoflow.specs.kinds import CONVENTIONS


@click.command()
@click.argument("network")
@options.db
@click.option("--k", type=click.IntRange(1), help="Of the graphs.  [default: the first measured]")
@click.option(
    "--convention",
    type=click.Choice(CONVENTIONS),
    help="How neighbours become edges.  [default: the first measured]",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
def layout(network: str, db: Path, k: int | None, convention: str | None, seed: int) -> None:
    """Lay out the layer graphs of a network by igraph's UMAP, for the page to show.

    It takes seconds to minutes a layer; the page's own layout needs no such command.

    \b
    Example:  geoflow layout quickstart/digits_3v8-narrow-5-0 --k 8
    """
    from geoflow.store.layouts import write_umap

    n_layers = write_umap(db, network, k, convention or "", seed)
    answer(f"UMAP positions of {n_layers} layers of {network} are in {db}")
