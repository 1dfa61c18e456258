"""The local flow of kinds of networks beside published numbers, as a table for people."""

from collections.abc import Mapping
from typing import Any

import polars as pl

LOCAL_KEYS = ("study", "dataset", "width", "depth", "k", "convention", "curvature", "alpha", "end")
LOCAL_KEYS_OFTEN_ONE = ("study", "convention", "alpha", "end")
"""Keys that are left out where all rows have the same."""

PUBLISHED = ("published", "published negative")


def local_table(rows: pl.DataFrame) -> pl.DataFrame:
    """Return one line per kind of network: what it is, and its local flow as people write it.

    rows: the columns of `local_flow_comparison`. Columns of published numbers are there if any
    row has one.

    >>> row = {"study": "s", "dataset": "circles", "width": "25", "depth": 10, "k": 50,
    ...     "convention": "union", "curvature": "forman", "alpha": None, "end": "hidden",
    ...     "n_networks": 5, "n_defined": 4, "mean_local_coefficient": -0.5,
    ...     "standard_deviation": 0.02, "share_negative": 0.923, "untrained_mean": None,
    ...     "untrained_standard_deviation": None, "untrained_share_negative": None,
    ...     "published_mean": None, "published_share_negative": None, "test_accuracy": 0.94}
    >>> local_table(pl.DataFrame([row])).row(0)
    ('circles', '25', 10, 50, 'forman', '4 of 5', '-0.500 ± 0.020', '92.3 %', '-', '-', '0.9400')
    """
    keys = [
        name for name in LOCAL_KEYS if name not in LOCAL_KEYS_OFTEN_ONE or rows[name].n_unique() > 1
    ]
    if rows.is_empty():
        return rows.select(keys)
    said = pl.DataFrame([local_words(row) for row in rows.iter_rows(named=True)])
    if rows["published_mean"].count() == 0:
        said = said.drop(PUBLISHED)
    return rows.select(keys).hstack(said)


def local_words(row: Mapping[str, Any]) -> dict[str, str]:
    """Return the numbers of one kind of network as text; '-' is not known."""
    n, defined = row["n_networks"], row["n_defined"]
    return {
        "networks": f"{n}" if n == defined else f"{defined} of {n}",
        "local coefficient": spread(row["mean_local_coefficient"], row["standard_deviation"]),
        "negative": share(row["share_negative"]),
        "untrained": spread(row["untrained_mean"], row["untrained_standard_deviation"]),
        "untrained negative": share(row["untrained_share_negative"]),
        "published": spread(row["published_mean"], None),
        "published negative": share(row["published_share_negative"]),
        "test accuracy": "-" if row["test_accuracy"] is None else f"{row['test_accuracy']:.4f}",
    }


def spread(mean: float | None, deviation: float | None) -> str:
    """Return a mean and its standard deviation over networks as text.

    >>> spread(-0.826, None), spread(None, None)
    ('-0.826', '-')
    """
    if mean is None:
        return "-"
    return f"{mean:.3f}" if deviation is None else f"{mean:.3f} ± {deviation:.3f}"


def share(value: float | None) -> str:
    """Return a share as text.

    >>> share(0.9954)
    '99.5 %'
    """
    return "-" if value is None else f"{100 * value:.1f} %"
