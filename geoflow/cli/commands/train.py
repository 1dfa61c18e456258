"""``geoflow train``: one ensemble, any data set, any architecture."""

import csv
from pathlib import Path
from typing import Any

import click

from geoflow.cli import options
from geoflow.cli.output import answer, say
from geoflow.cli.progress import note_elsewhere, progress
from geoflow.errors import TrainingError
from geoflow.specs import (
    DECAYS,
    FAMILIES,
    FULL_BATCH,
    INITIALISATIONS,
    USUAL_DEPTH,
    WIDTHS,
    Architecture,
    DatasetSpec,
    GeometrySpec,
    Recipe,
    architecture,
    dataset_of_file,
    is_file_name,
)
from geoflow.specs.values import brief, number_in


def parsed_options(texts: tuple[str, ...]) -> dict[str, float | str]:
    """Return ``name=value`` texts as options, numbers as numbers."""
    found: dict[str, float | str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise click.UsageError(
                f"--option {brief(text)}: write NAME=VALUE, for instance shape=balls"
            )
        if name in found:
            raise click.UsageError(f"--option {name} is given twice: give it once")
        try:
            found[name] = number_in(value)
        except ValueError:
            found[name] = value
    return found


def column_names(text: str | None) -> tuple[str, ...]:
    """Return the names of columns in a line of CSV: a name may have spaces, or a comma in quotes.

    >>> column_names('fixed acidity, pH,"a, b"')
    ('fixed acidity', 'pH', 'a, b')
    """
    return () if text is None else tuple(next(csv.reader([text], skipinitialspace=True), ()))


OF_FILE = ("label", "columns", "standardize", "test_share", "split")
"""Options of a data set in a file."""


class BatchParameter(options.IntegerParameter):
    """Rows of a step of training, or the word for all of them."""

    name = "integer or full"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return a number of rows, or FULL_BATCH."""
        return value if value == FULL_BATCH else super().convert(value, param, ctx)


def dataset_spec(
    dataset: str, data_seed: int, texts: tuple[str, ...] = (), **rest: Any
) -> DatasetSpec:
    """Return the data set, by name or in a file, that the options of the command ask for."""
    options = parsed_options(texts)
    if is_file_name(dataset):
        return dataset_of_file(dataset, seed=data_seed, options=options, **rest)
    if of_file := [f"--{name.replace('_', '-')}" for name in OF_FILE if rest.pop(name, None)]:
        raise click.UsageError(
            f"{', '.join(of_file)}: of a data set in a file, and {brief(dataset)} is none: give a"
            " .csv, .parquet or .npz file"
        )
    return DatasetSpec(dataset, data_seed, options=options, **rest)


@click.command()
@click.argument("dataset")
@options.db
@options.data_dir
@click.option(
    "--width",
    default="narrow",
    show_default=True,
    help=f"{', '.join(WIDTHS)}, or a list of widths: 50,25,50.",
)
@click.option(
    "--depth",
    type=options.WHOLE,
    help=f"Hidden layers.  [default: {USUAL_DEPTH}, or as many as there are widths]",
)
@click.option(
    "--family",
    type=click.Choice(FAMILIES),
    default="plain",
    show_default=True,
    help="Which earlier layers a layer sees.",
)
@click.option("--batch-norm", is_flag=True, help="Normalise pre-activations over the batch.")
@click.option(
    "--memory-order",
    type=options.NUMBER,
    help="gamma of family fractional, above 0, up to 1 (residual).",
)
@click.option(
    "--replicas", type=options.WHOLE, default=1, show_default=True, help="Networks to train."
)
@click.option(
    "--seed", type=options.WHOLE, default=0, show_default=True, help="Replica r has seed + r."
)
@click.option("--epochs", type=options.WHOLE, default=50, show_default=True)
@click.option(
    "--batch-size",
    type=BatchParameter(),
    default=32,
    show_default=True,
    help="Rows of a step, or full for all of them.",
)
@click.option(
    "--until-accuracy",
    type=options.NUMBER,
    help="Train a network no further once an epoch ended with this training accuracy.",
)
@click.option(
    "--initialisation",
    type=click.Choice(INITIALISATIONS),
    default="glorot",
    show_default=True,
    help="How weights are drawn: Glorot-uniform, or as torch draws those of nn.Linear.",
)
@click.option("--optimizer", type=click.Choice(list(DECAYS)), default="rmsprop", show_default=True)
@click.option("--learning-rate", type=options.NUMBER, default=1e-3, show_default=True)
@click.option("--decay", type=options.NUMBER, help="RMSprop decay, momentum, or Adam's first beta.")
@click.option(
    "--epsilon-inside/--epsilon-outside",
    default=None,
    help="RMSprop divides by sqrt(v + 1e-7), as Keras from 2.11 on (the default), or by"
    " sqrt(v) + 1e-7, as torch.",
)
@click.option("--weight-decay", type=options.NUMBER, default=0.0, show_default=True)
@click.option(
    "--validation-rows", type=options.NUMBER, default=0, help="Tail unseen: a count or a share."
)
@click.option("--scale", type=click.Choice(["unit", "raw"]), help="Scale of the inputs.")
@click.option("--n-train", type=options.WHOLE, help="Training points.")
@click.option("--n-test", type=options.WHOLE, help="Test points.")
@click.option(
    "--data-seed", type=options.WHOLE, default=0, show_default=True, help="Seed of the data set."
)
@click.option("--label", type=options.NAME, help="Of a file: the column of the classes.")
@click.option(
    "--columns",
    callback=lambda _, __, text: column_names(text),
    help="Of a file: the columns of the points, with commas between.  [default: all others]",
)
@click.option(
    "--standardize", is_flag=True, help="Of a file: (x - mean) / deviation of the training rows."
)
@click.option(
    "--test-share",
    type=options.NUMBER,
    help="Of a file: share of each class that is for tests.  [default: 0.5]",
)
@click.option("--split", type=options.NAME, help="Of a file: a column that says train or test.")
@click.option("--option", "texts", multiple=True, help="Of the data set, for instance gap=0.1.")
@click.option("--threshold", type=options.NUMBER, help="Accurate above this test accuracy.")
@options.snapshots
@click.option(
    "--study",
    type=options.NAME,
    default="train",
    show_default=True,
    help="Name of the study they join.",
)
@options.scores
@options.geometry()
@options.gathered(
    "recipe",
    Recipe,
    (
        "optimizer",
        "learning_rate",
        "decay",
        "epsilon_inside",
        "weight_decay",
        "epochs",
        "batch_size",
        "until_accuracy",
        "initialisation",
        "validation_rows",
    ),
)
@options.gathered("kind", architecture, ("width", "depth", "family", "batch_norm", "memory_order"))
@options.gathered(
    "data",
    dataset_spec,
    ("dataset", "data_seed", "n_train", "n_test", "scale", "texts", *OF_FILE),
)
def train(
    db: Path,
    data_dir: Path | None,
    data: DatasetSpec,
    kind: Architecture,
    recipe: Recipe,
    geometry: GeometrySpec,
    replicas: int,
    threshold: float | None,
    snapshots: tuple[int, ...],
    scores: tuple[str, ...],
    transport: bool,
    study: str,
) -> None:
    """Train networks on a data set together and write their geometry to the store.

    DATASET is a name that `geoflow datasets` lists, or a .csv, .parquet or .npz file of your own.

    \b
    Example:  geoflow train circles --width narrow --depth 5 --replicas 4 --k 10,20
    Example:  geoflow train wine.csv --label quality
    """
    from geoflow.study import Listener
    from geoflow.study import train as train_networks

    with progress(replicas, "networks") as advance:
        done = train_networks(
            data,
            kind,
            db,
            recipe=recipe,
            study=study,
            scores=scores,
            data_dir=data_dir,
            listener=Listener(advance, announce=lambda found: say(str(found))),
            geometry=geometry,
            replicas=replicas,
            threshold=threshold,
            snapshots=snapshots,
            transport=transport,
        )
    if done.failures:
        raise TrainingError(f"{done.failures[0].reason}; study '{study}' has nothing new of it")
    answer(
        f"{done.n_written} networks written to {db}, {done.n_present} were there,"
        f" {done.n_diverged} diverged, {done.seconds:.1f} s"
    )
    note_elsewhere(done.n_elsewhere)
    say(f"Next:  geoflow networks --study {study} --db {db}")
