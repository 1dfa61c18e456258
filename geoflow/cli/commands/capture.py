"""``geoflow capture``: the layers of your own torch module."""

from pathlib import Path
from typing import Any

import click

from geoflow.cli import options
from geoflow.cli.output import answer, row_format, say, write_rows
from geoflow.cli.progress import progress
from geoflow.specs import GeometrySpec

POOLS = ("flatten", "mean", "max", "first", "last", "tokens")
OPTIONS_OF_TAKING = ("memory", "batch_size", "project", "project_seed")


@click.command()
@click.argument("place", metavar="MODULE:FUNCTION")
@click.option(
    "--data",
    required=True,
    type=click.Path(path_type=Path),
    help="An .npz with points x (or the model's arguments by name) and, if known, labels y.",
)
@options.db
@click.option("--name", type=options.NAME, help="Name of the network.  [default: FUNCTION]")
@click.option(
    "--dataset", type=options.NAME, help="Name of its points.  [default: that of the network]"
)
@click.option(
    "--weights",
    type=click.Path(path_type=Path),
    help="A state_dict saved by torch; nothing but tensors is unpickled.",
)
@click.option(
    "--layers",
    type=options.ListParameter(options.NAME),
    multiple=True,
    callback=options.flat,
    help="Globs on module paths, 'layer*.*' (** over dots), or classes.  [default: the blocks, else"
    " activations, else children]",
)
@click.option(
    "--pool",
    type=click.Choice(POOLS),
    help="What makes a row of maps and sequences.  [default: flatten maps, mean of sequences]",
)
@click.option("--memory", help="What layers may take at once, 4G.  [default: half of what is free]")
@click.option(
    "--batch-size",
    type=options.WHOLE,
    help="Points in a forward pass.  [default: 64, fewer of large ones]",
)
@click.option(
    "--project", type=options.WHOLE, help="Project wider layers to so many coordinates.  [not done]"
)
@click.option(
    "--project-seed",
    type=options.WHOLE,
    default=0,
    show_default=True,
    help="Of the projection.",
)
@click.option("--list", "is_list", is_flag=True, help="Say what there is to take, measure nothing.")
@options.scores
@click.option(
    "--seed", type=options.WHOLE, default=0, show_default=True, help="Of what --sources draws."
)
@options.geometry(measures_transport=False)
@row_format
def capture(
    place: str,
    data: Path,
    weights: Path | None,
    layers: tuple[str, ...],
    is_list: bool,
    row_format: str,
    geometry: GeometrySpec,
    **others: Any,
) -> None:
    """Measure the layers of a torch module and write them to the store.

    MODULE:FUNCTION is a function of yours that returns the model: geoflow imports MODULE, which
    runs its code, and calls FUNCTION. --list prints every layer that runs, with its class, calls,
    shape for a point, bytes for this data, and whether it is chosen.

    \b
    Example:  geoflow capture mymodels:resnet --data points.npz --list
              geoflow capture mymodels:resnet --data points.npz --layers 'layer*.*' --k 10,20
    """
    from geoflow.archive.points import read_points
    from geoflow.capturing import listed_layers
    from geoflow.capturing.loading import loaded_model
    from geoflow.watching import capture as capture_network

    points, labels = read_points(data)
    model = loaded_model(place, weights)
    asked = list(layers) or None
    taking = {name: others.pop(name) for name in OPTIONS_OF_TAKING}
    if is_list:
        write_rows(listed_layers(model, points, layers=asked, **taking), row_format)
        return
    db, name = others.pop("db"), others.pop("name") or place.rpartition(":")[2]
    others |= taking | {"geometry": geometry, "layers": asked}
    with progress(1, "network") as advance:
        done = capture_network(model, points, labels, db=db, name=name, advance=advance, **others)
    for what in done.not_measured:
        say(f"Not measured: {what}")
    answer(
        f"Network '{done.network}' on data set '{done.dataset}': {done.n_layers} layers of"
        f" {done.n_points} points, {done.n_graphs} graphs, written to {db}"
    )
    say(f"Next:  geoflow show {done.network} --db {db}")
