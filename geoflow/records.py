"""What is written to the store for one unit of work; the fields are columns."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from geoflow.frames import LayerFrames


@dataclass(frozen=True)
class DatasetRecord:
    """A row of ``datasets``; see sql/tables/datasets.sql for what each column says."""

    name: str
    source: str
    n_test: int
    n_features: int
    fingerprint: str
    seed: int | None = None
    scale: str | None = None
    options: str = "{}"
    n_train: int | None = None
    n_classes: int | None = None
    classes: list[str] | None = None


@dataclass(frozen=True)
class NetworkRecord:
    """A row of ``networks`` without its keys; see sql/tables/networks.sql."""

    name: str
    study: str
    width: str
    widths: list[int]
    depth: int
    status: str
    family: str | None = None
    activation: str | None = None
    optimizer: str | None = None
    learning_rate: float | None = None
    decay: float | None = None
    epsilon: float | None = None
    weight_decay: float | None = None
    epochs: int | None = None
    batch_size: int | None = None
    validation_rows: int | None = None
    shuffled_labels: bool | None = None
    seed: int | None = None
    replica: int | None = None
    train_accuracy: float | None = None
    test_accuracy: float | None = None
    train_loss: float | None = None
    test_loss: float | None = None
    accuracy_threshold: float | None = None
    seconds: float | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Unit:
    """What one transaction writes: networks of one data set with the rows of their layers.

    ``labels`` (n,) or None; ``input_layer`` holds the graphs of layer 0 that the store lacks;
    ``layers[i]`` are the hidden layers of ``networks[i]``.
    """

    dataset: DatasetRecord
    labels: np.ndarray | None
    input_layer: LayerFrames | None
    networks: Sequence[NetworkRecord]
    layers: Sequence[Sequence[LayerFrames]]


def fingerprint(points: np.ndarray, labels: np.ndarray | None) -> str:
    """Return the SHA-256 of points (n, d) and labels (n,), as float64 and int64."""
    digest = hashlib.sha256(json.dumps(points.shape).encode())
    digest.update(np.ascontiguousarray(points, np.float64).tobytes())
    if labels is not None:
        digest.update(np.ascontiguousarray(labels, np.int64).tobytes())
    return digest.hexdigest()


def options_json(options: Mapping[str, float | str]) -> str:
    """Return options as JSON with sorted keys, as ``datasets.options`` keeps them."""
    return json.dumps(dict(sorted(options.items())))
