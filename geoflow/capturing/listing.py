"""Every layer of a model and what it would give, without taking anything."""

from typing import Any, Unpack

import polars as pl

from geoflow.capturing._choice import chosen_runs
from geoflow.capturing._data import counted, generators_of, given_data
from geoflow.capturing._models import place_of, uncompiled, unwrapped
from geoflow.capturing._untouched import random_kept
from geoflow.capturing.taking import tried
from geoflow.specs import CaptureWords, asked_capture


def listed_layers(
    model: Any, data: Any, *, layers: Any = None, **options: Unpack[CaptureWords]
) -> pl.DataFrame:
    """Return path, class, call, shape of a point, bytes of all points, and whether it is chosen.

    One row for each call of each module, in the order in which they return on the first rows;
    ``problem`` says why one cannot be taken. Bytes are those of float32 before any pooling.
    """
    spec = asked_capture(options)
    bare = unwrapped(model)
    device, dtype = place_of(bare)
    given = given_data(data, spec.batch_size, dtype)
    with uncompiled(bare):
        dry = tried(bare, given, device)
        chosen = {id(one) for one in chosen_runs(bare, dry.runs, layers)}
    with random_kept(generators_of(given)):
        n = counted(given)
    rows = []
    for one in dry.runs:
        if one.path:
            count = 1
            for size in one.sizes:
                count *= size
            is_taken = one.problem is None
            rows.append(
                {
                    "path": one.path,
                    "class": one.kind,
                    "call": one.call,
                    "calls": one.n_calls,
                    "shape": "x".join(map(str, one.sizes)) if is_taken else None,
                    "bytes": 4 * n * count if is_taken else None,
                    "is_chosen": id(one) in chosen,
                    "problem": one.problem,
                }
            )
    return pl.DataFrame(rows, schema_overrides={"bytes": pl.Int64, "problem": pl.String})
