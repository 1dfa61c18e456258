"""Where activations were taken, as rows of the store: one of the model, one of each layer."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import polars as pl
import torch

from geoflow.capturing._data import generators_of
from geoflow.capturing._hashes import data_hash
from geoflow.capturing._models import place_of
from geoflow.capturing._passes import CapturedLayers
from geoflow.capturing._untouched import random_kept

CAPTURE_TABLES = ("captures", "captured_layers")


class Provenance(Mapping[str, pl.DataFrame]):
    """The rows of ``captures`` and ``captured_layers``; the data is hashed when they are read."""

    def __init__(self, layers: CapturedLayers, output_form: str | None) -> None:
        self.layers = layers
        self.output_form = output_form

    def __getitem__(self, table: str) -> pl.DataFrame:
        if table not in CAPTURE_TABLES:
            raise KeyError(table)
        return self.capture if table == "captures" else self.of_layers

    def __iter__(self) -> Iterator[str]:
        return iter(CAPTURE_TABLES)

    def __len__(self) -> int:
        return len(CAPTURE_TABLES)

    @cached_property
    def capture(self) -> pl.DataFrame:
        """The row of ``captures``."""
        layers = self.layers
        device, dtype = place_of(layers.model)
        with random_kept(generators_of(layers.data)):
            inputs = data_hash(layers.batches())
        row = {
            "model": type(layers.model).__name__,
            "torch_version": torch.__version__,
            "device": str(device),
            "dtype": str(dtype).removeprefix("torch."),
            "weights": layers.weights,
            "inputs": inputs,
            "output_form": self.output_form,
        }
        return pl.DataFrame([row], schema=dict.fromkeys(row, pl.String))

    @cached_property
    def of_layers(self) -> pl.DataFrame:
        """The rows of ``captured_layers``."""
        rows = [
            {
                "layer": at,
                "path": one.run.path,
                "class": one.run.kind,
                "call": one.run.call,
                "n_calls": one.run.n_calls,
                "pooling": one.word,
                "shape": list(one.run.sizes),
                "dtype": str(one.run.dtype).removeprefix("torch."),
                "project": one.project,
                "project_seed": None if one.project is None else one.seed,
            }
            for at, one in enumerate(self.layers.plan.taken, start=1)
        ]
        schema: dict[str, Any] = dict.fromkeys(("layer", "call", "n_calls", "project"), pl.Int32)
        schema |= {"shape": pl.List(pl.Int64), "project_seed": pl.Int64}
        return pl.DataFrame(rows, schema_overrides=schema)
