"""Reports of whole studies: headlines, regressions, the paper beside them."""

import math
from itertools import product

import numpy as np
from scipy import stats

from recomputed.base import deviation, finals, grouped, is_negative, mean, picked, relation, share
from recomputed.flow import (
    SERIES,
    aggregated_ricci_coefficients,
    measured,
    network_summary,
    optima,
    optimal_coefficients,
    optimal_k,
    other_half_coefficients,
    split_half_coefficients,
)

FACTORS = ("dataset", "width", "depth")
OUTCOMES = ("test_accuracy", "test_loss")
FORMS = ("z_paper", "z_fisher", "ricci_coefficient")
LACKING = "no regression is kept: too few networks, or alike, or run the study to its end"


@relation
def study_headline(base):
    found = []
    halves = grouped(split_half_coefficients(base), "study", *SERIES)
    for key, some in grouped(optimal_coefficients(base), "study", *SERIES).items():
        why = [row["exclusion"] for row in some]
        rho = [row["ricci_coefficient"] for row in some if row["exclusion"] is None]
        split = halves.get(key, [])
        n_split = sum(row["n_reported"] for row in split)
        found.append(
            picked(some[0], "study convention start end")
            | {
                "n_networks": len(some),
                "n_below_threshold": why.count("below threshold"),
                "n_accurate": len(some) - why.count("below threshold"),
                "n_without_k": why.count("no optimal k"),
                "n_not_measured": why.count("not measured"),
                "n_disconnected": why.count("disconnected"),
                "n_undefined": why.count("undefined"),
                "n_reported": len(rho),
                "n_negative": sum(map(is_negative, rho)),
                "share_negative": share(map(is_negative, rho)),
                "mean_ricci_coefficient": mean(rho),
                "split_half_share_negative": sum(row["n_negative"] for row in split) / n_split
                if n_split
                else None,
            }
        )
    return found


@relation
def headline_comparison(base):
    names = {
        "networks": "n_networks",
        "below threshold": "n_below_threshold",
        "accurate": "n_accurate",
        "disconnected at the optimal k": "n_disconnected",
        "reported": "n_reported",
        "negative": "n_negative",
        "share negative": "share_negative",
        "share negative, k chosen on the other half": "split_half_share_negative",
        "t of the coefficient": "t",
        "p": "p",
    }
    of_paper = {row["dataset"] for row in base["published_coefficients"]}
    papers = {row["study"] for row in finals(base).values() if row["dataset"] in of_paper}
    (paper,) = base["published_headline"]
    slopes = {
        (row["study"], *(row[name] for name in SERIES)): picked(row, "t p")
        for row in accuracy_association(base)
        if (row["outcome"], row["sample"], row["coefficient"]) == (OUTCOMES[0], "all", FORMS[0])
    }
    found = []
    for row in study_headline(base):
        one = picked(row, "study convention start end")
        ours = row | slopes.get(tuple(one.values()), {"t": None, "p": None})
        is_beside = row["start"] == row["end"] == "hidden" and row["study"] in papers
        for at, (quantity, column) in enumerate(names.items(), 1):
            theirs = paper.get(column) if is_beside else None
            theirs = None if theirs is None else float(theirs)
            numbers = {"value": ours[column], "published": theirs}
            found.append(one | {"position": at, "quantity": quantity} | numbers)
    return found


def fits(rows, outcome, coefficient):
    """b1 and what belongs to it, by the pseudoinverse; None where it is not there to estimate."""
    columns = [np.ones(len(rows)), np.array([row[coefficient] for row in rows])]
    for factor in FACTORS:
        levels = sorted({row[factor] for row in rows})
        columns += [np.array([float(row[factor] == one) for row in rows]) for one in levels]
    x, y = np.column_stack(columns), np.array([row[outcome] for row in rows])
    others = np.delete(x, 1, axis=1)
    rank = np.linalg.matrix_rank(x)
    if len(y) <= rank or np.ptp(y) == 0 or np.linalg.matrix_rank(others) == rank:
        return None
    inverse = np.linalg.pinv(x, rcond=1e-10)
    residuals = y - x @ inverse @ y
    freedom = len(y) - rank
    variance = residuals @ residuals / freedom
    estimate, error = (inverse @ y)[1], math.sqrt(variance * (inverse @ inverse.T)[1, 1])
    t = estimate / error
    leverage = np.diag(x @ inverse)
    squares = np.where(leverage < 1 - 1e-9, residuals**2 / np.maximum(1 - leverage, 1e-300), 0)
    without = (residuals @ residuals - squares) / (freedom - 1) if freedom > 1 else np.inf
    return {
        "estimate": estimate,
        "standard_error": error,
        "t": t,
        "p": 2 * stats.t.sf(abs(t), freedom),
        "n": len(y),
        "r_squared": 1 - residuals @ residuals / ((y - y.mean()) ** 2).sum(),
        "kept": squares <= 9 * without,
    }


@relation
def accuracy_association(base):
    """What a study run to its end has: every study of the store but those of written rows."""
    found = []
    keys = ("study", *SERIES)
    kept = grouped(base["regression_terms"], "study")
    reported = [row for row in optimal_coefficients(base) if row["exclusion"] is None]
    by_half = grouped([with_loss(base, row) for row in other_half_coefficients(base)], *keys)
    for key, some in grouped([with_loss(base, row) for row in reported], *keys).items():
        for outcome, form in product(OUTCOMES, FORMS):
            here = {**dict(zip(keys, key, strict=True)), "outcome": outcome, "coefficient": form}
            rows = there(some, outcome, form)
            if not rows:
                continue
            known = {"all": fits(rows, outcome, form)}
            if known["all"]:
                inside = [r for r, is_in in zip(rows, known["all"]["kept"], strict=True) if is_in]
                known["without outliers"] = fits(inside, outcome, form)
            if half := there(by_half.get(key, []), outcome, form):
                known["k of the other half"] = fits(half, outcome, form)
            datasets = grouped(rows, "dataset")
            if len(datasets) > 1:
                known |= {name: fits(part, outcome, form) for (name,), part in datasets.items()}
            for sample, fit in known.items():
                if fit and (key[0],) in kept:
                    numbers = {name: one for name, one in fit.items() if name != "kept"}
                    n = len(rows) if sample == "all" else None
                    found.append(
                        here | numbers | {"sample": sample, "n_reported": n, "reason": None}
                    )
                elif sample == "all":
                    nothing = dict.fromkeys(["estimate", "standard_error", "t", "p", "n"])
                    more = {"r_squared": None, "n_reported": len(rows), "reason": LACKING}
                    found.append(here | nothing | more | {"sample": sample})
    return found


def with_loss(base, row):
    return row | {"test_loss": base.networks[row["network_id"]]["test_loss"]}


def there(rows, *names):
    return [row for row in rows if all(row[name] is not None for name in names)]


@relation
def coefficients_across_studies(base):
    prints = {row["dataset_id"]: row["fingerprint"] for row in base["datasets"]}
    found = []
    for best in optimal_k(base):
        same = [
            row
            for row in measured(base)
            if prints[row["dataset_id"]] == prints[best["dataset_id"]]
            and row["is_accurate"]
            and (row["width"], row["depth"]) == (best["width"], best["depth"])
            and all(row[name] == best[name] for name in SERIES)
            and row["k"] == best["optimal_k"]
        ]
        for (other,), some in grouped(same, "study").items():
            rho = [x for row in some if (x := row["ricci_coefficient"]) is not None]
            quartiles = np.quantile(rho, [0.25, 0.5, 0.75]).tolist() if rho else [None] * 3
            found.append(
                picked(best, "study dataset_id dataset width depth convention start end")
                | dict(zip(("quartile_1", "median", "quartile_3"), quartiles, strict=True))
                | {
                    "other_study": other,
                    "k": best["optimal_k"],
                    "n_accurate": len(some),
                    "n": len(rho),
                    "mean": mean(rho),
                    "standard_deviation": deviation(rho),
                    "share_negative": share(map(is_negative, rho)),
                }
            )
    return found


@relation
def figure3_fidelity(base):
    paper = {
        tuple(row[name] for name in ("dataset", "width", "depth", "k")): row[
            "published_coefficient"
        ]
        for row in base["published_coefficients"]
    }
    both = []
    for row in aggregated_ricci_coefficients(base):
        theirs = paper.get((row["dataset"], row["width"], row["depth"], row["k"]))
        rho = row["aggregated_ricci_coefficient"]
        if theirs is not None and rho is not None:
            both.append(row | {"pair": (rho, theirs)})
    found = []
    for some in grouped(both, "study", "dataset_id", *SERIES).values():
        x, y = np.array([row["pair"] for row in some]).T
        found.append(
            picked(some[0], "study dataset_id dataset convention start end")
            | {
                "n_cells": len(x),
                "pearson": stats.pearsonr(x, y)[0] if len(x) > 1 else None,
                "rmse": math.sqrt(((x - y) ** 2).mean()),
                "mean_difference": (x - y).mean(),
            }
        )
    return found


@relation
def study_summary(base):
    rows = [row for row in network_summary(base) if row["network_id"] in finals(base)]
    rows = [row | picked(finals(base)[row["network_id"]], "cell_id") for row in rows]
    found = []
    for (cell, convention), some in grouped(rows, "cell_id", "convention").items():
        best = optima(base).get((cell, convention, "hidden", "hidden"), {})
        words = ("optimal_k", "n_connected", "aggregated_ricci_coefficient", "share_negative")
        found.append(
            picked(some[0], "study dataset width depth convention")
            | {name: best.get(name) for name in words}
            | {
                "n_networks": len(some),
                "n_accurate": sum(row["is_accurate"] for row in some),
                "test_accuracy": mean([row["test_accuracy"] for row in some]),
            }
        )
    return found
