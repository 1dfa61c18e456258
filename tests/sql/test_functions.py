"""The functions that views share, against scipy and numpy, in a database that has nothing else."""

import math
from fractions import Fraction
from operator import mul
from pathlib import Path

import duckdb
import numpy as np
import pytest
from scipy import stats

from geoflow.store._sqlfiles import sql_files


@pytest.fixture(scope="module")
def db():
    with duckdb.connect() as connection:
        for file in sql_files("functions"):
            connection.execute(file.statement)
        yield connection


def one(db, sql, *params):
    (row,) = db.execute(f"select {sql}", params).fetchall()
    return row[0] if len(row) == 1 else row


def over(db, function, *columns):
    """Return an aggregate over the rows of some columns."""
    rows = ", ".join(
        f"({', '.join('null' if x is None else repr(float(x)) for x in row)})"
        for row in zip(*columns, strict=True)
    )
    names = "abc"[: len(columns)]
    sql = f"select {function} from (values {rows}) as t ({', '.join(names)})"
    (row,) = db.execute(sql).fetchall()
    return row[0]


def test_quantiles_of_student_are_those_of_scipy(db):
    for n in range(2, 102):
        assert one(db, f"student_quantile({n})") == pytest.approx(
            stats.t.ppf(0.975, n - 1), rel=1e-14
        )
    assert one(db, "student_quantile(1)") is one(db, "student_quantile(0)") is None
    assert one(db, "student_quantile(null)") is None


@pytest.mark.parametrize("n", [102, 149, 150, 199, 200, 299, 300, 500, 999, 1000, 10_000, 10**6])
def test_an_interval_of_many_numbers_is_a_little_wider_and_never_less(db, n):
    ratio = one(db, f"student_quantile({n})") / stats.t.ppf(0.975, n - 1)
    assert 1 - 1e-14 < ratio < 1.005


@pytest.mark.parametrize("n", [2, 3, 10, 250])
def test_intervals_of_means_are_those_of_student(db, n):
    x = np.random.default_rng(n).normal(5, 2, n)
    low, high = stats.t.interval(0.95, n - 1, x.mean(), stats.sem(x))
    slack = 0 if n < 102 else 0.005 * (high - low)
    assert over(db, "mean_low(a)", [*x, None], [0.0] * (n + 1)) == pytest.approx(
        low, abs=1e-12 + slack
    )
    assert over(db, "mean_high(a)", [*x, None], [0.0] * (n + 1)) == pytest.approx(
        high, abs=1e-12 + slack
    )
    assert over(db, "mean_error(a)", x) == pytest.approx(stats.sem(x), rel=1e-12)


def test_one_number_has_no_interval(db):
    assert over(db, "mean_low(a)", [3]) is over(db, "mean_high(a)", [3]) is None
    assert over(db, "mean_error(a)", [3]) is None


def test_correlation_is_that_of_the_pairs_that_have_both(db):
    rng = np.random.default_rng(0)
    y, x = rng.normal(size=(2, 30))
    expected = np.corrcoef(y[5:], x[5:])[0, 1]
    torn_y, torn_x = list(y), list(x)
    torn_y[:3], torn_x[3:5] = [None] * 3, [None] * 2
    assert over(db, "safe_corr(a, b)", torn_y, torn_x) == pytest.approx(expected, rel=1e-12)


def test_a_side_that_is_constant_over_the_pairs_has_no_correlation(db):
    assert over(db, "safe_corr(a, b)", [1, 1, 1], [1, 2, 3]) is None
    assert over(db, "safe_corr(a, b)", [1, 2, 3], [0.1 + 0.2, 0.3, 0.3]) is None
    assert over(db, "safe_corr(a, b)", [1, 1, 9], [1, 2, None]) is None  # 9 has no partner
    assert over(db, "safe_corr(a, b)", [1], [2]) is None
    assert over(db, "safe_corr(a, b)", [1e200, 4e200, 9e200], [1, 2, 5]) is None  # not 0
    assert over(db, "safe_corr(a, b)", [1, 2, 3], [1e-17, 0, -1e-17]) == pytest.approx(-1)
    assert over(db, "safe_corr(a, b, unit := 1)", [1, 2, 3], [1e-17, 0, -1e-17]) is None


def test_exact_correlation_is_that_of_whole_numbers_in_any_order(db):
    rng = np.random.default_rng(3)
    y, x = rng.integers(-(10**12), 10**12, (2, 40)).tolist()
    text = [f"({a}::bigint, {b}::bigint)" for a, b in zip(y, x, strict=True)]
    found = set()
    for _ in range(5):
        rng.shuffle(text)
        rows = ", ".join([*text, "(null, 7::bigint)", "(7::bigint, null)"])
        found |= set(
            db.execute(f"select exact_corr(y, x) from (values {rows}) as t (y, x)").fetchone()
        )
    (value,) = found
    ys, xs = ([Fraction(one) - Fraction(sum(part), 40) for one in part] for part in (y, x))
    product, xx, yy = (float(sum(map(mul, *pair))) for pair in ((xs, ys), (xs, xs), (ys, ys)))
    assert value == pytest.approx(product / math.sqrt(xx) / math.sqrt(yy), rel=1e-15)
    assert value == pytest.approx(np.corrcoef(y, x)[0, 1], rel=1e-10)


def test_exact_correlation_of_a_constant_is_null(db):
    for rows in ("(1, 5), (2, 5)", "(5, 1), (5, 2)", "(1, 1)", "(null, 1), (2, null)"):
        sql = f"select exact_corr(y, x) from (values {rows}) as t (y, x)"
        assert db.execute(sql).fetchone() == (None,), rows
    assert one(db, "exact_covariance(2, 3)") == 0


def test_correlation_never_leaves_its_bounds(db):
    x = [0.1 * at for at in range(50)]
    assert over(db, "safe_corr(a, b)", [3 * at for at in x], x) == pytest.approx(1, abs=1e-15)
    assert over(db, "safe_corr(a, b)", [3 * at for at in x], x) <= 1


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        ([1, 2], True),
        ([1, 1], False),
        ([1e9, 1e9 + 1], True),
        ([1, 1 + 1e-13], False),
        ([0, 0], False),
    ],
)
def test_what_varies(db, x, expected):
    assert over(db, "varies(a)", x) is expected


def test_p_of_a_normal_number_is_that_of_scipy(db):
    for z in [
        0.0,
        1e-9,
        *np.linspace(0.01, 37, 300).tolist(),
        2.1213203435596424,
        2.121320343559643,
    ]:
        p = 2 * stats.norm.sf(z)
        assert one(db, f"normal_p({z!r}::double)") == pytest.approx(p, rel=1e-12, abs=0), z
        assert one(db, f"normal_p(-{z!r}::double)") == one(db, f"normal_p({z!r}::double)")
    assert one(db, "normal_p(null::double)") is None


def test_p_of_no_correlation_is_that_of_fisher(db):
    for r, freedom in ((0.5, 17), (-0.2, 1), (0.99, 30), (0.0, 5)):
        p = 2 * stats.norm.sf(abs(math.atanh(r)) * math.sqrt(freedom))
        assert one(db, f"fisher_p({r}, {freedom})") == pytest.approx(p, rel=1e-11, abs=0)
    assert one(db, "fisher_p(1.0, 9), fisher_p(0.5, 0), fisher_p(null, 9)") == (None, None, None)


def test_bounds(db):
    assert one(db, "bounded(2, 0, 1), bounded(-2, 0, 1), bounded(0.5, 0, 1)") == (1, 0, 0.5)
    assert one(db, "bounded(null, 0, 1)") is None
    assert one(db, "bounded(7, 1, null), bounded(0, 1, null), bounded(null, 1, null)") == (
        7,
        1,
        None,
    )


def test_a_number_is_finite_or_not_there(db):
    sql = "is_number(1.5), is_number(null), is_number('nan'::double), is_number('-inf'::double)"
    assert one(db, sql) == (True, True, False, False)


def test_a_path_is_never_shorter_than_the_distance_of_its_ends(db):
    sql = (
        "length_ratio(3, 2), length_ratio(0.9999999999, 1), length_ratio(1, 0), length_ratio(0, 0)"
    )
    assert one(db, sql) == (1.5, 1, None, None)
    assert one(db, "length_ratio(null, 1), length_ratio(1, null)") == (None, None)


def test_share_below_a_limit_leaves_nulls_out(db):
    assert over(db, "share_below(a, 0)", [-1, -2, 0, 3, None]) == 0.5
    assert over(db, "share_below(a, 0)", [None]) is None


def test_what_is_0_but_for_rounding_is_not_negative(db):
    assert over(db, "share_below(a, 0)", [-1e-17, -9e-13, 1e-17, -2e-12]) == 0.25
    assert one(db, "is_negative(-1e-17), is_negative(-2e-12), is_negative(0)") == (
        False, True, False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("layer", "is_to_output", "start", "end", "is_in"),
    [
        (0, False, "input", "hidden", True),
        (0, False, "hidden", "hidden", False),
        (1, False, "hidden", "hidden", True),
        (4, True, "hidden", "hidden", False),
        (4, True, "hidden", "output", True),
        (0, True, "hidden", "output", False),
    ],
)
def test_a_step_is_in_a_series_from_its_start_to_its_end(
    db, layer, is_to_output, start, end, is_in
):
    assert one(db, "is_in_series(?, ?, ?, ?)", layer, is_to_output, start, end) is is_in


@pytest.mark.parametrize(
    ("study", "base", "variant"),
    [("a", "a", None), ("a/b", "a", "b"), ("a/b/c", "a", "b/c"), ("a/", "a", None)],
)
def test_a_study_has_a_base_and_maybe_a_variant(db, study, base, variant):
    assert one(db, "base_study(?), variant_of(?)", study, study) == (base, variant)


def test_accuracy_and_its_threshold(db):
    assert one(db, "is_above(0.9, 0.9), is_above(0.91, 0.9)") == (False, True)
    assert one(db, "is_above(null, 0.9), is_above(0.1, null)") == (True, True)


def test_start_of_steps(db):
    assert one(db, "first_step('hidden'), first_step('input'), first_step('x')") == (1, 0, None)


def test_label_of_a_score_leaves_out_what_it_has_not(db):
    assert one(db, "score_label('eta', null, null, 'union', 8, null, null)") == "eta union k=8"
    full = "score_label('local_coefficient', 'ollivier', 0.5, 'union', 50, null, null)"
    assert one(db, full) == "local_coefficient ollivier(0.5) union k=50"
    points = "score_label('complexity', null, null, null, null, 'test', 0.25)"
    assert one(db, points) == "complexity test r=0.25"
    assert one(db, "score_label('ot_score', null, null, null, null, null, null)") == "ot_score"


@pytest.mark.parametrize("n", [5, 20, 400])
@pytest.mark.parametrize("seed", range(3))
def test_the_interval_of_a_correlation_is_that_of_scipy(db, n, seed):
    x, noise = np.random.default_rng(seed).normal(size=(2, n))
    known = stats.pearsonr(x, x + noise)
    r, low, high = float(known.statistic), *known.confidence_interval(0.95)
    assert one(db, f"fisher_low({r}, {n} - 3)") == pytest.approx(low, rel=1e-12)
    assert one(db, f"fisher_high({r}, {n} - 3)") == pytest.approx(high, rel=1e-12)
    assert one(db, "fisher_low(-1.0, 9), fisher_high(0.5, 0)") == (None, None)


def test_half_of_the_networks_is_the_least_share(db):
    assert one(db, "least_share()") == 0.5


def test_why_neighbours_are_not_known_names_the_rank_that_is_kept(db):
    said = "neighbours are kept up to rank 10: --store-rank 20 keeps enough"
    assert one(db, "rank_reason(10, 20)") == said


def test_every_function_is_tested_by_its_name():
    texts = [path.read_text("utf-8") for path in Path(__file__).parent.glob("*.py")]
    names = [file.name for file in sql_files("functions")]
    assert [name for name in names if not any(f"{name}(" in text for text in texts)] == []
