"""``geoflow ingest``: the activations of your own network."""

from pathlib import Path

import click

from geoflow.cli import options
from geoflow.cli.output import answer, say
from geoflow.cli.progress import progress
from geoflow.specs import GeometrySpec
from geoflow.text.shown import listed


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@options.db
@click.option("--name", type=options.NAME, help="Name of the network.  [default: that of the file]")
@click.option(
    "--dataset", type=options.NAME, help="Name of its test points.  [default: that of the network]"
)
@options.scores
@click.option(
    "--seed", type=options.WHOLE, default=0, show_default=True, help="Of what --sources draws."
)
@options.geometry()
def ingest(
    file: Path,
    db: Path,
    name: str | None,
    dataset: str | None,
    scores: tuple[str, ...],
    transport: bool,
    geometry: GeometrySpec,
) -> None:
    """Measure given activations and write them to the store.

    FILE is an .npz with arrays layer_00 (input), layer_01, ... of shape (n, d_l), one row per
    test point, and optional labels (n,), logits (n, classes) or predictions (n,), what enters each
    activation, pre_01, pre_02, ..., and, of networks with skip connections, what leaves it,
    post_01, post_02, ...

    \b
    Example:  geoflow ingest mine.npz --k 10,20,50 --convention union
    """
    from geoflow.ingestion import ingest as ingest_network

    with progress(1, "network") as advance:
        done = ingest_network(
            file,
            db,
            name=name,
            dataset=dataset,
            scores=scores,
            transport=transport,
            advance=advance,
            geometry=geometry,
        )
    if done.left_out:
        say(f"Left out, as geoflow has no use for it: {listed(done.left_out)}")
    for what in done.not_measured:
        say(f"Not measured: {what}")
    answer(
        f"Network '{done.network}' on data set '{done.dataset}': {done.n_layers} layers of"
        f" {done.n_points} points, {done.n_graphs} graphs, written to {db}"
    )
    say(f"Next:  geoflow show {done.network} --db {db}")
