"""Regression of test accuracy on the Ricci coefficient across the networks of a study.

    accuracy_i = b0 + b1 z_i + data set_i + width_i + depth_i + error_i

over the networks that are reported at their optimal k (Baptista et al. 2024, Table S2). Data set,
width and depth are factors: each level but the first has its own term. Ordinary least squares by
statsmodels.
"""

from itertools import product

import numpy as np
import polars as pl

COEFFICIENTS = ("z_paper", "z_fisher", "ricci_coefficient")
"""The coefficient in the model: adjusted as in the paper, Fisher's score, or as it is."""

FACTORS = ("dataset", "width", "depth")

SQL = (
    """select * from optimal_coefficients where study = $study and exclusion is null order by all"""
)
"""The networks of a study that have a coefficient."""


def regression_terms(networks: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of ``regression_terms`` for the networks of one study.

    networks: rows of the view ``optimal_coefficients``. A model is left out where it cannot be
    estimated: too few networks, or an accuracy or coefficient that does not vary.
    """
    rows: list[dict[str, str | float | int]] = []
    kinds = networks.select("convention", "start").unique(maintain_order=True)
    for (convention, start), coefficient in product(kinds.iter_rows(), COEFFICIENTS):
        kept = networks.filter(
            pl.col("convention") == convention,
            pl.col("start") == start,
            pl.col(coefficient).is_not_null(),
            pl.col("test_accuracy").is_not_null(),
        )
        kind = {"convention": convention, "start": start}
        rows += [kind | term for term in fitted(kept, coefficient)]
    return pl.DataFrame(rows, infer_schema_length=None)


def fitted(networks: pl.DataFrame, coefficient: str) -> list[dict[str, str | float | int]]:
    """Return one row per term of the model, none if it cannot be estimated.

    >>> rng = np.random.default_rng(0)
    >>> z = rng.normal(size=40)
    >>> frame = pl.DataFrame({"z_paper": z, "test_accuracy": 0.9 - 0.01 * z, "dataset": "one",
    ...     "width": ["narrow", "wide"] * 20, "depth": 5})
    >>> frame = frame.with_columns(pl.col("test_accuracy") + rng.normal(size=40) / 1e6)
    >>> [(term["term"], f"{term['estimate']:.4f}") for term in fitted(frame, "z_paper")[:2]]
    [('intercept', '0.9000'), ('z_paper', '-0.0100')]
    """
    columns = {"intercept": np.ones(len(networks)), coefficient: networks[coefficient].to_numpy()}
    for factor in FACTORS:
        for level in networks[factor].unique().sort()[1:]:
            columns[f"{factor} {level}"] = (networks[factor] == level).to_numpy().astype(float)
    design = np.column_stack(list(columns.values()))
    accuracy = networks["test_accuracy"].to_numpy()
    if len(networks) <= design.shape[1] or np.ptp(accuracy) == 0:
        return []
    if np.linalg.matrix_rank(design) < design.shape[1]:
        return []
    from statsmodels.regression.linear_model import OLS  # a second, where nothing can be fitted

    model = OLS(accuracy, design).fit()
    if not (np.isfinite(model.tvalues).all() and model.mse_resid > 0):
        return []  # a perfect fit has no standard error
    return [
        {
            "coefficient": coefficient,
            "term": name,
            "estimate": float(model.params[at]),
            "standard_error": float(model.bse[at]),
            "t": float(model.tvalues[at]),
            "p": float(model.pvalues[at]),
            "n": len(networks),
            "r_squared": float(model.rsquared),
        }
        for at, name in enumerate(columns)
    ]
