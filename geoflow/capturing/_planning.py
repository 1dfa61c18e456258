"""Settles what is taken before all data goes through: rows, widths, where tokens begin."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

import torch
from torch import nn

from geoflow.capturing._batches import ModelBatch, input_rows
from geoflow.capturing._data import Arrays, Data, counted
from geoflow.capturing._plan import (
    Plan,
    Taken,
    has_own_tokens,
    input_tokens,
    taken_layer,
    token_counts,
)
from geoflow.capturing._pooling import Pool
from geoflow.capturing._runs import Run, entered
from geoflow.errors import CaptureError
from geoflow.specs import CaptureSpec


@dataclass(frozen=True)
class Model:
    """A module and the device that its input goes to."""

    module: nn.Module
    device: torch.device


@dataclass(frozen=True)
class Dry:
    """What ran on the first rows of the data, these rows, and a checksum of their batch."""

    runs: Sequence[Run]
    batch: ModelBatch
    first_hash: int


def planned(
    model: Model, data: Data, chosen: Sequence[Run], dry: Dry, pool: Pool, spec: CaptureSpec
) -> Plan:
    """Return what is taken of a model on some data."""
    taken = tuple(
        taken_layer(one, dry.batch, model.module, pool, spec.project, spec.project_seed)
        for one in chosen
    )
    has_tokens = pool == "tokens"
    points = entering = None
    if has_tokens:
        refuse_other_positions(taken, dry.batch)
        n, width, entering = tokens_planned(model.module, data, taken[0], dry.batch, pool)
    elif isinstance(data, Arrays):
        points = data.points
        n, width = points.shape
    else:
        n, width = counted(data), longest_input(data, dry.batch)
    widths = (width, *(one.width for one in taken))
    return Plan(
        taken=taken,
        n=n,
        widths=widths,
        points=points,
        entering=entering,
        has_tokens=has_tokens,
        first_hash=None if isinstance(data, Arrays) else dry.first_hash,
        device=model.device,
    )


def longest_input(data: Data, first: ModelBatch) -> int:
    """Return the width of the input; of sequences by name, padded differently, the longest."""
    if first.args:
        return input_rows(first).shape[1]
    with closing(iter(data)) as batches:
        return max(input_rows(batch).shape[1] for batch in batches)


def refuse_other_positions(taken: Sequence[Taken], batch: ModelBatch) -> None:
    """Refuse layers with other tokens than the first: each token is a point of every layer."""
    of_decoder = {batch.is_of_decoder(one.run.path): one.run.name for one in taken}
    if len(of_decoder) > 1:
        raise CaptureError(
            f"layer '{of_decoder[True]}' has the tokens of the decoder, '{of_decoder[False]}' those"
            " of the encoder: with pool='tokens' choose layers of one of both"
        )
    if batch.mask_of(taken[0].run.path) is not None:
        return
    counts = [int(token_counts(one, batch)[0]) for one in taken]
    for one, count in zip(taken, counts, strict=True):
        if count != counts[0]:
            raise CaptureError(
                f"layer '{one.run.name}' has {count} positions a sample, '{taken[0].run.name}' has"
                f" {counts[0]}: with pool='tokens' choose layers of one size"
            )


def tokens_planned(
    model: nn.Module, data: Data, first: Taken, batch: ModelBatch, pool: Pool
) -> tuple[int, int, Taken | None]:
    """Return the tokens in all, the width of their input, and what that is taken from.

    The input itself where it has the positions of the layers, else what enters the first layer.
    """
    if batch.mask_of(first.run.path) is None and data.n is not None:
        n = data.n * int(token_counts(first, batch)[0])
    else:
        with closing(iter(data)) as batches:
            n = sum(int(token_counts(first, one).sum()) for one in batches)
    if has_own_tokens(first, batch):
        return n, input_tokens(first, batch).shape[1], None
    entering = taken_layer(entered(model, batch, first.run), batch, model, pool, None, 0)
    return n, entering.width, entering
