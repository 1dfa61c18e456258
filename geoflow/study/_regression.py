"""Regressions of how well networks do on their Ricci coefficient, across the networks of a study.

    outcome_i = b0 + b1 z_i + data set_i + width_i + depth_i + error_i

over networks at their optimal k (Baptista et al. 2024, Table S2, for test accuracy and all networks
that are reported). Data set, width and depth are factors: each level but the first has its own
term. Ordinary least squares by statsmodels. Where factors go together, all wide networks deep and
all narrow ones shallow, b1 is the same whichever of them is in the model: the first is, and terms
that stand for both are not reported.

A relation of this kind may hang on a few networks, on the k that was chosen for it, or on one data
set. So each regression is made of several samples: all networks; all but those whose externally
studentized residual is beyond 3 in that model; all, at the k that the other half of the replicas
chose; the networks of each data set alone. And of test loss beside test accuracy.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

EXPLAINED = ("test_accuracy", "test_loss")

COEFFICIENTS = ("z_paper", "z_fisher", "ricci_coefficient")
"""The coefficient in the model: adjusted as in the paper, Fisher's score, or as it is."""

FACTORS = ("dataset", "width", "depth")

ALL, NO_OUTLIERS, OTHER_HALF = "all", "without outliers", "k of the other half"

LEAST_NETWORKS = 3
"""An intercept, the coefficient, and one network more: of fewer there is no model."""

FARTHEST_RESIDUAL = 3.0
"""Networks with a studentized residual beyond it are outliers."""

SQL = f"""
with reported as (
    select '{ALL}' as sample, * exclude (network, dataset_id, replica, exclusion)
    from optimal_coefficients
    where study = $study and exclusion is null
    union all by name
    select '{OTHER_HALF}' as sample, * exclude (half)
    from other_half_coefficients
    where study = $study
)
select r.*, n.test_loss from reported as r join networks as n using (network_id)
order by r.sample, n.name, r.convention, r.start, r."end"
"""
"""The networks of a study that have a coefficient, by the sample in which they have it.

In the order of their names: keys depend on which cell ended first.
"""

Columns = Mapping[str, NDArray[np.float64]]
"""The columns of a design by the name of their term."""

Terms = list[dict[str, str | float | int]]
"""One row for each term of a model."""


def regression_terms(networks: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of ``regression_terms`` for the networks of one study.

    networks: rows of `SQL`. A model is left out where it cannot be estimated: too few networks, or
    an outcome or coefficient that does not vary within the factors.
    """
    rows: Terms = []
    kinds = networks.select("convention", "start", "end").unique(maintain_order=True)
    for kind, outcome, coefficient in product(kinds.iter_rows(named=True), EXPLAINED, COEFFICIENTS):
        kept = networks.filter(
            *(pl.col(name) == value for name, value in kind.items()),
            pl.col(coefficient).is_not_null(),
            pl.col(outcome).is_not_null(),
        )
        for sample, members in samples(kept, outcome, coefficient):
            here = kind | {"outcome": outcome, "sample": sample, "coefficient": coefficient}
            rows += [here | term for term in fitted(members, outcome, coefficient)]
    return pl.DataFrame(rows, infer_schema_length=None)


def samples(
    networks: pl.DataFrame, outcome: str, coefficient: str
) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield the samples of networks that a regression is made of, by name."""
    reported = networks.filter(pl.col("sample") == ALL)
    yield ALL, reported
    yield NO_OUTLIERS, without_outliers(reported, outcome, coefficient)
    yield OTHER_HALF, networks.filter(pl.col("sample") == OTHER_HALF)
    datasets = reported["dataset"].unique().sort()
    for name in datasets if len(datasets) > 1 else ():
        yield name, reported.filter(pl.col("dataset") == name)


def fitted(networks: pl.DataFrame, outcome: str, coefficient: str) -> Terms:
    """Return one row per term that can be told from the others, none if the coefficient cannot be.

    >>> rng = np.random.default_rng(0)
    >>> z = rng.normal(size=40)
    >>> frame = pl.DataFrame({"z_paper": z, "test_accuracy": 0.9 - 0.01 * z, "dataset": "one",
    ...     "width": ["narrow", "wide"] * 20, "depth": 5})
    >>> frame = frame.with_columns(pl.col("test_accuracy") + rng.normal(size=40) / 1e6)
    >>> terms = fitted(frame, "test_accuracy", "z_paper")
    >>> [(term["term"], f"{term['estimate']:.4f}") for term in terms[:2]]
    [('intercept', '0.9000'), ('z_paper', '-0.0100')]
    """
    columns = terms_of(networks, coefficient)
    model = least_squares(networks[outcome].to_numpy(), columns, coefficient)
    if model is None:
        return []
    return [
        {
            "term": name,
            "estimate": float(model.params[at]),
            "standard_error": float(model.bse[at]),
            "t": float(model.tvalues[at]),
            "p": float(model.pvalues[at]),
            "n": len(networks),
            "r_squared": float(model.rsquared),
        }
        for at, name in enumerate(independent(columns))
        if is_identified(columns, name)
    ]


def without_outliers(networks: pl.DataFrame, outcome: str, coefficient: str) -> pl.DataFrame:
    """Return the networks whose externally studentized residual is within 3; none without a model.

    r_i = e_i / (s_(i) sqrt(1 - h_i)) of residual e_i, leverage h_i and s_(i)^2 =
    (sum of e^2 - e_i^2 / (1 - h_i)) / (n - p - 1), p terms; it is no outlier where h_i = 1.
    """
    columns = terms_of(networks, coefficient)
    model = least_squares(networks[outcome].to_numpy(), columns, coefficient)
    if model is None:
        return networks.clear()
    orthogonal, _ = np.linalg.qr(model.model.exog)
    free = 1 - (orthogonal**2).sum(axis=1)
    squares = np.divide(model.resid**2, free, out=np.zeros_like(free), where=free > 1e-9)
    without = (model.ssr - squares) / (model.df_resid - 1) if model.df_resid > 1 else np.inf
    return networks.filter(squares <= FARTHEST_RESIDUAL**2 * without)


def terms_of(networks: pl.DataFrame, coefficient: str) -> Columns:
    """Return the columns of the design by the name of their term."""
    columns = {"intercept": np.ones(len(networks)), coefficient: networks[coefficient].to_numpy()}
    for factor in FACTORS:
        for level in networks[factor].unique().sort()[1:]:
            columns[f"{factor} {level}"] = (networks[factor] == level).to_numpy().astype(float)
    return columns


def independent(columns: Columns) -> list[str]:
    """Return the terms that are no combination of those before them.

    >>> independent({"a": np.ones(3), "b": np.eye(3)[0], "c": np.eye(3)[0]})
    ['a', 'b']
    """
    kept: list[str] = []
    for name in columns:
        if rank(columns, [*kept, name]) > len(kept):
            kept.append(name)
    return kept


def is_identified(columns: Columns, name: str) -> bool:
    """Return whether a term is no combination of the others: all least squares agree about it."""
    return rank(columns, [one for one in columns if one != name]) < rank(columns, list(columns))


def rank(columns: Columns, names: Sequence[str]) -> int:
    """Return the rank of some columns, each scaled to length 1."""
    if not names:
        return 0
    design = np.column_stack([columns[name] for name in names])
    lengths = np.linalg.norm(design, axis=0)
    return int(np.linalg.matrix_rank(design / np.where(lengths > 0, lengths, 1)))


def least_squares(outcome: NDArray[np.float64], columns: Columns, coefficient: str) -> Any | None:
    """Return the model of the independent terms, None where the coefficient cannot be estimated."""
    kept = independent(columns)
    if len(outcome) <= len(kept) or np.ptp(outcome) == 0:
        return None
    if not is_identified(columns, coefficient):
        return None
    from statsmodels.regression.linear_model import OLS  # a second, where nothing can be fitted

    model = OLS(outcome, np.column_stack([columns[name] for name in kept])).fit()
    is_estimated = np.isfinite(model.tvalues).all() and model.mse_resid > 0
    return model if is_estimated else None  # a perfect fit has no standard error
