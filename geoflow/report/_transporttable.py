"""The transport scores of families of networks along weight decay, as a table for people."""

from collections.abc import Mapping
from typing import Any

import polars as pl

TRANSPORT_KEYS = (
    "study",
    "variant",
    "dataset",
    "family",
    "width",
    "depth",
    "recipe",
    "weight_decay",
)
TRANSPORT_KEYS_OFTEN_ONE = ("study", "width", "depth", "recipe")
"""Keys that are left out where all rows have the same; a variant where the others tell it."""


def transport_table(rows: pl.DataFrame) -> pl.DataFrame:
    """Return one line per family and weight decay: what it is, and its scores as people write them.

    rows: the columns of `transport_comparison`.

    >>> row = {"study": "s", "variant": "plain_5e-4", "dataset": "circles", "family": "plain",
    ...     "width": "50", "depth": 11, "recipe": "sgd", "weight_decay": 0.0005,
    ...     "n_networks": 5, "line_shape_score": 1.61, "line_shape_low": 1.59,
    ...     "line_shape_high": 1.63, "ot_score": 0.5, "ot_low": None, "ot_high": None,
    ...     "least_ot_score": 0.25, "transport_efficiency": 0.98,
    ...     "geodesic_ratio": 1.4, "relative_displacement": 9.0, "test_accuracy": 0.94}
    >>> transport_table(pl.DataFrame([row])).row(0)[:6]
    ('circles', 'plain', '0.0005', 5, '1.610 (1.590, 1.630)', '0.500')
    """
    others = [name for name in TRANSPORT_KEYS if name != "variant"]
    is_told = not rows.select(others).is_duplicated().any()
    keys = [
        name
        for name in (others if is_told else TRANSPORT_KEYS)
        if name not in TRANSPORT_KEYS_OFTEN_ONE or rows[name].n_unique() > 1
    ]
    return pl.DataFrame(
        [
            {name: row[name] for name in keys}
            | {"weight_decay": "-" if row["weight_decay"] is None else f"{row['weight_decay']:g}"}
            | transport_words(row)
            for row in rows.iter_rows(named=True)
        ],
        infer_schema_length=None,
    )


def transport_words(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the scores of one family and weight decay as text; '-' is not known."""
    return {
        "networks": row["n_networks"],
        "line-shape score": interval(
            *(row[f"line_shape_{end}"] for end in ("score", "low", "high"))
        ),
        "OT score": interval(*(row[f"ot_{end}"] for end in ("score", "low", "high"))),
        "least OT score": interval(row["least_ot_score"]),
        "efficiency": interval(row["transport_efficiency"]),
        "geodesic ratio": interval(row["geodesic_ratio"]),
        "test accuracy": "-" if row["test_accuracy"] is None else f"{row['test_accuracy']:.4f}",
    }


def interval(mean: float | None, low: float | None = None, high: float | None = None) -> str:
    """Return a mean, and its interval where it has one, as text.

    >>> interval(1.5, 1.25, 1.75), interval(1.5), interval(None)
    ('1.500 (1.250, 1.750)', '1.500', '-')
    """
    if mean is None:
        return "-"
    return f"{mean:.3f}" + ("" if low is None else f" ({low:z.3f}, {high:z.3f})")
