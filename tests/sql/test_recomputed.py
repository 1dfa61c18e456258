"""Every mart and report, row for row, against a recomputation from the base tables in Python."""

import math
from collections import Counter

import pytest
from recomputed import RECOMPUTED, Base
from recomputed_store import build_store

import geoflow
from geoflow.store._sqlfiles import sql_files

NAMES = [file.name for folder in ("marts", "reports") for file in sql_files(folder)]
OF_KEYS = ("alpha", "radius", "weight_decay", "other_alpha", "other_radius")
"""Numbers by which rows are told apart."""


@pytest.fixture(scope="module")
def db(tmp_path_factory, write):
    path = tmp_path_factory.mktemp("recomputed") / "g.duckdb"
    with geoflow.open(build_store(path, write)).held() as held:
        yield held


@pytest.fixture(scope="module")
def base(db):
    return Base(db)


def test_every_mart_and_report_is_recomputed():
    assert RECOMPUTED.keys() == set(NAMES)


def test_the_store_has_what_views_could_mix_up(db):
    """A recomputation of a store without it would say nothing."""
    seen = {
        "exclusion from optimal_coefficients": 6,
        "reason from accuracy_association": 2,
        "(among, about) from score_correlations where sample = 'all'": 7,
        "(among, about) from score_correlations where sample <> 'all'": 6,
        "alpha from local_summary": 3,
        "convention from local_summary": 2,
        '"end" from network_coefficients': 2,
        "is_to_output from layer_ricci_coefficients": 2,
        "points from curvature_gaps": 3,
        "initialisation from networks": 3,
        "is_ot_unique from transport_scores": 3,
        "fingerprint from datasets where name = 'circles'": 3,
        "other_study from coefficients_across_studies where dataset = 'fog'": 2,
    }
    found = {what: db.query(f"select distinct {what}").height for what in seen}
    assert found == seen


def by_key(rows, floats):
    """Return rows by all of their columns that are no numbers to compare."""
    found = {}
    for row in rows:
        key = tuple((name, repr(row[name])) for name in sorted(row.keys() - floats))
        found.setdefault(key, []).append(row)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_relation_is_what_its_header_says(name, db, base):
    frame = db.view(name)
    rows, expected = frame.rows(named=True), RECOMPUTED[name](base)
    assert rows
    assert set(expected[0]) == set(frame.columns)
    floats = {c for c, kind in frame.schema.items() if kind.is_float() and c not in OF_KEYS}
    got, wanted = by_key(rows, floats), by_key(expected, floats)
    assert Counter({k: len(v) for k, v in got.items()}) == Counter(
        {k: len(v) for k, v in wanted.items()}
    )
    for key, some in wanted.items():
        pairs = zip(
            *(sorted(r, key=lambda x: order(x, floats)) for r in (got[key], some)), strict=True
        )
        for row, other in pairs:
            for column in floats:
                assert close(row[column], other[column]), (column, row, other)


def order(row, floats):
    return [(row[c] is None, round(row[c] or 0, 6)) for c in sorted(floats)]


def close(a, b):
    if a is None or b is None:
        return a is b
    return math.isclose(a, b, rel_tol=1e-7, abs_tol=1e-9)
