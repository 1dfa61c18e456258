"""Regressions across networks: what a few of them, a data set or the choice of k make of it."""

import numpy as np
import polars as pl
import pytest
from statsmodels.api import OLS, add_constant
from test_study import PAIR

import geoflow
from geoflow.study._regression import (
    ALL,
    NO_OUTLIERS,
    OTHER_HALF,
    SQL,
    fitted,
    least_squares,
    regression_terms,
    terms_of,
    without_outliers,
)
from geoflow.study.run import run_study

RNG = np.random.default_rng(0)
N = 60


def networks():
    """Two data sets of opposite slopes, one network far off, and coefficients at another k."""
    rho = RNG.uniform(-0.9, 0.9, N)
    frame = pl.DataFrame(
        {
            "convention": "union",
            "start": "hidden",
            "end": "hidden",
            "dataset": ["one", "two"] * (N // 2),
            "width": ["narrow"] * (N // 2) + ["wide"] * (N // 2),
            "depth": 5,
            "ricci_coefficient": rho,
            "z_fisher": np.arctanh(rho),
            "z_paper": np.arctanh(rho) / 2,
        }
    )
    slope = np.where(frame["dataset"] == "one", 0.1, -0.3)
    accuracy = 0.8 + slope * rho + 0.01 * RNG.normal(size=N)
    accuracy[7] -= 3
    frame = frame.with_columns(test_accuracy=accuracy, test_loss=1 - accuracy)
    other = frame.with_columns(pl.col("ricci_coefficient").reverse())
    return pl.concat(
        [frame.with_columns(sample=pl.lit(ALL)), other.with_columns(sample=pl.lit(OTHER_HALF))]
    )


@pytest.fixture(scope="module")
def found():
    rows = regression_terms(networks()).filter(coefficient="ricci_coefficient")
    return rows.filter(term="ricci_coefficient")


def of(found, sample, outcome="test_accuracy"):
    (row,) = found.filter(sample=sample, outcome=outcome).rows(named=True)
    return row


def test_a_network_far_off_is_left_out_of_one_sample(found):
    assert (of(found, ALL)["n"], of(found, NO_OUTLIERS)["n"]) == (N, N - 1)
    assert of(found, NO_OUTLIERS)["r_squared"] > of(found, ALL)["r_squared"]


def test_outliers_are_those_of_statsmodels():
    frame = networks_of(ALL)
    kept = without_outliers(frame, "test_accuracy", "z_fisher")
    columns = terms_of(frame, "z_fisher")
    model = least_squares(frame["test_accuracy"].to_numpy(), columns, "z_fisher")
    residuals = model.get_influence().resid_studentized_external
    assert kept.equals(frame.filter(np.abs(residuals) <= 3))
    assert kept.height == N - 1


def test_data_sets_have_slopes_of_their_own(found):
    assert of(found, "one")["estimate"] == pytest.approx(0.1, abs=0.02)
    assert of(found, "two")["n"] == N // 2


def test_the_loss_is_an_outcome(found):
    accuracy, loss = of(found, ALL), of(found, ALL, "test_loss")
    assert loss["estimate"] == pytest.approx(-accuracy["estimate"])
    assert loss["t"] == pytest.approx(-accuracy["t"])


def test_terms_are_those_of_statsmodels(found):
    frame = networks_of(OTHER_HALF)
    columns = [frame["ricci_coefficient"], *levels(frame)]
    design = add_constant(np.column_stack([np.asarray(one, float) for one in columns]))
    model = OLS(frame["test_accuracy"].to_numpy(), design).fit()
    row = of(regression_of(frame), ALL)
    assert row["t"] == pytest.approx(model.tvalues[1])
    assert row["p"] == pytest.approx(model.pvalues[1])


def test_where_width_and_depth_go_together_the_coefficient_is_what_statsmodels_says():
    frame = networks_of(ALL).with_columns(depth=pl.when(width="wide").then(11).otherwise(5))
    columns = [np.ones(N), frame["ricci_coefficient"], *levels(frame), frame["depth"] == 11]
    design = np.column_stack([np.asarray(one, float) for one in columns])
    assert np.linalg.matrix_rank(design) < design.shape[1]
    with pytest.warns(match="rank-deficient"):  # by the pseudoinverse
        model = OLS(frame["test_accuracy"].to_numpy(), design).fit()
    terms = {row["term"]: row for row in fitted(frame, "test_accuracy", "ricci_coefficient")}
    assert list(terms) == ["intercept", "ricci_coefficient", "dataset two"]  # width is depth
    row = terms["ricci_coefficient"]
    numbers = model.params[1], model.bse[1], model.tvalues[1], model.pvalues[1], model.rsquared
    names = "estimate", "standard_error", "t", "p", "r_squared"
    assert [row[name] for name in names] == pytest.approx(numbers, rel=1e-9)
    assert terms["dataset two"]["t"] == pytest.approx(model.tvalues[2])


def levels(frame):
    return frame["dataset"] == "two", frame["width"] == "wide"


def test_a_coefficient_that_a_factor_tells_has_no_slope():
    told = (pl.col("dataset") == "two").cast(float)
    assert fitted(networks_of(ALL).with_columns(z_paper=told), "test_accuracy", "z_paper") == []


def networks_of(sample):
    return networks().filter(sample=sample)


def regression_of(frame):
    terms = regression_terms(frame.with_columns(sample=pl.lit(ALL)))
    return terms.filter(coefficient="ricci_coefficient", term="ricci_coefficient")


def test_the_other_half_chooses_k(tmp_path):
    db = tmp_path / "g.duckdb"
    run_study(PAIR, db)
    store = geoflow.open(db)
    halves = store.view("split_half_coefficients")
    rows = store.query(SQL, study=PAIR.name).filter(sample=OTHER_HALF)
    labels = store.query("select network_id, half, cell_id from network_labels")
    joined = rows.join(labels, on="network_id").join(
        halves.select(
            "cell_id", "convention", "start", "end", "choosing_half", chosen_k="optimal_k"
        ),
        on=["cell_id", "convention", "start", "end"],
    )
    theirs = joined.filter(pl.col("choosing_half") != pl.col("half"))
    assert theirs.height == rows.height > 0
    assert (theirs["chosen_k"] == theirs["optimal_k"]).all()
    assert OTHER_HALF in store.view("regression_terms")["sample"]
