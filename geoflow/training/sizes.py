"""Rows and layers of a training, counted before it begins and without torch."""

from collections.abc import Sequence
from itertools import accumulate

from geoflow.errors import TrainingError
from geoflow.specs import Architecture, Recipe

Fans = Sequence[tuple[int, int]]
"""What each layer is fed and what it gives: (fan_in, fan_out) of the L hidden layers and the
output."""


def n_held_out(recipe: Recipe, n_train: int) -> int:
    """Return how many of the last training rows training does not see.

    >>> n_held_out(Recipe(validation_rows=0.2), 1000), n_held_out(Recipe(validation_rows=30), 1000)
    (200, 30)
    """
    asked = recipe.validation_rows
    rows = round(asked * n_train) if asked < 1 else int(asked)
    if rows >= n_train:
        raise TrainingError(
            f"validation_rows = {asked:g} leaves none of {n_train} training rows: give fewer"
        )
    return rows


def batch_rows(recipe: Recipe, n: int) -> int:
    """Return how many of n rows a step of training takes.

    >>> batch_rows(Recipe(batch_size="full"), 1000), batch_rows(Recipe(), 1000)
    (1000, 32)
    """
    return n if isinstance(recipe.batch_size, str) else recipe.batch_size


def refuse_lone_row(n: int, architecture: Architecture, recipe: Recipe) -> None:
    """Refuse batches of one row where they are to be normalised."""
    batch = batch_rows(recipe, n)
    if architecture.batch_norm and recipe.epochs and 1 in (batch, n % batch):
        raise TrainingError(
            f"{n} training rows in batches of {batch} leave a batch of one row, which"
            " batch_norm cannot normalise: give another batch_size, or other validation_rows"
        )


def fans(architecture: Architecture, n_features: int, n_outputs: int) -> Fans:
    """Return (fan_in, fan_out) of every hidden layer and of the output.

    >>> fans(Architecture("4-5", (4, 5), "dense"), 2, 1)
    [(2, 4), (6, 5), (5, 1)]
    """
    widths = architecture.widths
    sizes = [n_features, *widths]
    fed = list(accumulate(sizes)) if architecture.family == "dense" else sizes
    return [*zip(fed[:-1], widths, strict=True), (sizes[-1], n_outputs)]
