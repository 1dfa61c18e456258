"""The activations of any torch module on some data, ready to be measured."""

from dataclasses import replace
from typing import Any, Unpack

import numpy as np
import torch
from torch import nn

from geoflow.archive.given import as_array
from geoflow.archive.layers import checked_labels
from geoflow.capturing._choice import chosen_runs
from geoflow.capturing._data import Data, generators_of, given_data
from geoflow.capturing._hashes import batch_hash
from geoflow.capturing._models import place_of, uncompiled, unwrapped
from geoflow.capturing._outputs import said_of
from geoflow.capturing._passes import DRY_SEED, CapturedLayers
from geoflow.capturing._plan import Plan
from geoflow.capturing._planning import Dry, Model, planned
from geoflow.capturing._pooling import Pool, checked_pool
from geoflow.capturing._provenance import Provenance
from geoflow.capturing._runs import dry_run
from geoflow.capturing._untouched import seed_all, untouched
from geoflow.errors import CaptureError
from geoflow.machine.memory import free_memory
from geoflow.measure.activations import Activations
from geoflow.specs import CaptureSpec, CaptureWords, asked_capture


def activations(
    model: Any,
    data: Any,
    labels: Any = None,
    *,
    layers: Any = None,
    pool: Any = None,
    **options: Unpack[CaptureWords],
) -> Activations:
    """Return the activations of a torch module on some data, as `geoflow.ingest` takes them.

    data: an array, a tensor, the model's arguments by name, a DataLoader that is not shuffled, or a
    list of batches; of pairs the second are labels, where none are given. layers: globs on module
    paths, ``"layer*.*"``, or classes, one or several; by default the blocks of the model, else its
    activations, else its children. pool: what makes a row of maps and sequences: flatten, mean,
    max, first, last or tokens, or a function of a tensor (n, ...) and its mask. options:
    ``memory``, ``batch_size``, ``project`` and ``project_seed``, see `geoflow.specs.CaptureSpec`.
    What memory does not hold is taken when it is asked for, in further passes. The model is as it
    was afterwards. Raises CaptureError, and DatasetError for labels.

    >>> net = nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 2), nn.ReLU())
    >>> activations(net, np.eye(3)).widths
    [3, 5, 2]
    """
    spec = asked_capture(options)
    bare = unwrapped(model)
    device, dtype = place_of(bare)
    given = given_data(data, spec.batch_size, dtype)
    plan, memory = settled_plan(bare, given, layers, checked_pool(pool), spec, device)
    taken = CapturedLayers(bare, given, plan, memory, labels is not None)
    known = known_labels(labels, taken)
    said = None if plan.has_tokens else said_of(taken.noted.outputs, known)
    taken.noted.outputs.clear()
    return Activations(
        layers=taken,
        labels=known,
        predicted=None if said is None else said.predicted,
        margin=None if said is None else said.margin,
        output=None if said is None else said.output,
        source=type(bare).__name__,
        provenance=Provenance(taken, None if said is None else said.form),
    )


def settled_plan(
    model: nn.Module, data: Data, layers: Any, pool: Pool, spec: CaptureSpec, device: torch.device
) -> tuple[Plan, int]:
    """Return what is taken of a model, and the bytes that it may take."""
    memory = free_memory() // 2 if spec.memory is None else spec.memory
    with uncompiled(model):
        dry = tried(model, data, device)
        chosen = chosen_runs(model, dry.runs, layers)
        with untouched(model, generators_of(data)):
            plan = planned(
                Model(model, device), data, chosen, dry, pool, replace(spec, memory=memory)
            )
    return plan, memory


def tried(model: nn.Module, data: Data, device: torch.device) -> Dry:
    """Return what runs on the first rows of the data."""
    with untouched(model, generators_of(data)):
        seed_all(DRY_SEED)
        batch = next(iter(data), None)
        if batch is None:
            raise CaptureError("the data holds no rows: give one per point")
        runs, small = dry_run(model, batch.on(device))
        return Dry(runs, small, batch_hash(batch))


def known_labels(labels: Any, taken: CapturedLayers) -> np.ndarray | None:
    """Return one class for each row of the layers: those given, or those that the batches hold.

    Where tokens are points those of a sample are those of each of its tokens.
    """
    noted = taken.noted
    if labels is None:
        parts = [one for one in noted.labels if one is not None]
        if len(parts) < len(noted.labels) or any(one.ndim != 1 for one in parts):
            return None
        found = np.concatenate(parts)
        if found.dtype.kind not in "iub" or len(np.unique(found)) < 2:
            return None
    else:
        found = as_array(labels, "labels")
    counts = np.concatenate(noted.counts) if noted.counts else None
    if counts is not None and found.shape == counts.shape:
        found = np.repeat(found, counts)
    return checked_labels(found.reshape(-1) if counts is not None else found, taken.n, "the data")
