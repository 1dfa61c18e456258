"""From what a layer gives for a point to one row of it: maps and sequences are pooled.

A map is (channels, height, width), a sequence (length, features). Where shapes alone do not say
which, the modules inside the layer do, whose channels or features are counted; else it is refused.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from geoflow.capturing._runs import Run
from geoflow.errors import CaptureError, unknown

POOLS_IN_WORDS = ("flatten", "mean", "max", "first", "last", "tokens")
Pool = str | Callable[..., Any] | None
"""One of POOLS_IN_WORDS, or a function of a tensor (n, ...) and its mask; None: as it needs."""


@dataclass(frozen=True)
class Reading:
    """How what a layer gives is read: a vector, a map or a sequence; where its features are.

    ``is_last``: features are the last axis of a point; else the first.
    """

    kind: str
    is_last: bool

    def positions(self, sizes: tuple[int, ...]) -> int:
        """Return the number of positions of a point."""
        count = 1
        for size in sizes[:-1] if self.is_last else sizes[1:]:
            count *= size
        return count


def checked_pool(pool: Any) -> Pool:
    """Return what to pool by, or name the nearest word."""
    if pool is None or callable(pool):
        return pool  # type: ignore[no-any-return]
    if not isinstance(pool, str) or pool not in POOLS_IN_WORDS:
        raise unknown("pool", str(pool), POOLS_IN_WORDS, "or give a function of (n, ...)")
    return pool


def reading_of(one: Run, model: nn.Module, mask: torch.Tensor | None) -> Reading | None:
    """Return how the output of a layer is read, None if that is not clear."""
    sizes = one.sizes
    if len(sizes) <= 1:
        return Reading("vector", is_last=True)
    if len(sizes) == 2 and mask is not None and mask.shape[1] == sizes[0]:
        return Reading("sequence", is_last=True)
    for module in (one.module, model):
        first, last = channels_first(module, sizes[0]), features_last(module, sizes[-1])
        if first != last:
            return Reading("map" if first or len(sizes) > 2 else "sequence", is_last=last)
        if first:
            return None
        if len(sizes) > 2:
            return Reading("map", is_last=False)
    return None


def channels_first(module: nn.Module, size: int) -> bool:
    """Return whether there is a convolution or a norm over so many channels in a module."""
    names = ("out_channels", "num_features", "num_channels")
    return any(
        getattr(one, name, None) == size
        for one in module.modules()
        for name in names
        if not isinstance(one, nn.LayerNorm)
    )


def features_last(module: nn.Module, size: int) -> bool:
    """Return whether there is a linear map, norm or embedding to so many features in a module."""
    return any(
        getattr(one, "out_features", None) == size
        or getattr(one, "embedding_dim", None) == size
        or tuple(getattr(one, "normalized_shape", ()))[-1:] == (size,)
        or getattr(one, "embed_dim", None) == size
        or (isinstance(one, nn.RNNBase) and rnn_width(one) == size)
        for one in module.modules()
    )


def rnn_width(module: nn.RNNBase) -> int:
    """Return the features that a recurrent layer gives for a position."""
    return (module.proj_size or module.hidden_size) * (2 if module.bidirectional else 1)


def pool_word(one: Run, reading: Reading | None, pool: Pool) -> str:
    """Return the word by which a layer is pooled, "none" where there is nothing to pool."""
    if callable(pool):
        return str(getattr(pool, "__qualname__", type(pool).__name__))
    if reading is None:
        if pool == "flatten":
            return pool
        raise CaptureError(
            f"layer '{one.name}' ({one.kind}) gives {one.sizes} for a point, a map of channels or a"
            " sequence: give pool='flatten', or a function as pool"
        )
    if reading.kind == "vector":
        if pool == "tokens":
            raise CaptureError(
                f"layer '{one.name}' ({one.kind}) has no positions to pool='tokens': leave it out"
            )
        return "none"
    if reading.kind == "map":
        if pool in ("first", "last"):
            raise CaptureError(
                f"layer '{one.name}' ({one.kind}) gives a map, {one.sizes}, which has no {pool}"
                " token: give pool='flatten', 'mean', 'max' or 'tokens'"
            )
        return pool or "flatten"
    return pool or "mean"


def pooled(
    values: torch.Tensor, word: str, reading: Reading | None, mask: torch.Tensor | None, name: str
) -> torch.Tensor:
    """Return one row for each point, or for each position that counts where the word is tokens.

    values (n, ...): in their own precision, or float32 if that is shorter. mask (n, length) or
    None: of a sequence the positions that count.
    """
    rows = values.float() if values.element_size() < 4 else values
    if word == "none" or reading is None:
        return rows.reshape(len(rows), -1)
    is_masked = mask is not None and reading.kind == "sequence"
    if mask is not None and is_masked and mask.shape[1] != rows.shape[1] and word != "flatten":
        raise CaptureError(
            f"layer '{name}' gives {rows.shape[1]} positions a point, attention_mask has"
            f" {mask.shape[1]}: leave it out, or give a function as pool"
        )
    if word == "flatten":
        if mask is not None and is_masked and not bool(mask.all()):
            raise CaptureError(
                f"layer '{name}' gives sequences of several lengths: give pool='mean', 'first',"
                " 'last' or 'tokens'"
            )
        return rows.reshape(len(rows), -1)
    if reading.kind == "map":
        return pooled_map(rows, word, reading)
    if mask is None:
        mask = torch.ones(rows.shape[:2], dtype=torch.bool, device=rows.device)
        if word == "mean":
            return rows.mean(dim=1)
    return pooled_sequence(rows, word, mask.to(rows.device))


def pooled_map(rows: torch.Tensor, word: str, reading: Reading) -> torch.Tensor:
    """Return maps (n, channels, ...) or (n, ..., channels) pooled over their positions."""
    where = tuple(range(1, rows.ndim - 1) if reading.is_last else range(2, rows.ndim))
    if word == "mean":
        return rows.mean(dim=where)
    if word == "max":
        return rows.amax(dim=where)
    moved = rows if reading.is_last else rows.movedim(1, -1)
    return moved.reshape(-1, moved.shape[-1])


def pooled_sequence(rows: torch.Tensor, word: str, mask: torch.Tensor) -> torch.Tensor:
    """Return sequences (n, length, features) pooled over the positions that count."""
    counts = mask[..., None]
    if word == "mean":
        total = torch.where(counts, rows, torch.zeros_like(rows)).sum(dim=1)
        return total / mask.sum(dim=1, keepdim=True)
    if word == "max":
        return torch.where(counts, rows, torch.full_like(rows, -torch.inf)).amax(dim=1)
    if word == "tokens":
        return rows[mask]
    places = torch.arange(mask.shape[1], device=mask.device).expand_as(mask)
    if word == "first":
        at = torch.where(mask, places, mask.shape[1]).amin(dim=1)
    else:
        at = torch.where(mask, places, -1).amax(dim=1)
    return rows[torch.arange(len(rows), device=rows.device), at]
