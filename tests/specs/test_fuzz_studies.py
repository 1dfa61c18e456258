"""Any value in any key of a study file gives a study that fits the store, or one line."""

import json
import math
import re
from datetime import date, datetime, time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geoflow.datasets import sizes
from geoflow.errors import GeoflowError
from geoflow.specs import CURVATURES, Recipe, TransportSpec
from geoflow.specs.studyfile import DATASET_KEYS, STUDY_KEYS, study_specs
from geoflow.store._sqlfiles import relations
from geoflow.study._cells import cells
from geoflow.study._cells import settings as columns_of
from geoflow.study._estimate import estimate, refuse_beyond

GOOD = {
    "widths": ["narrow", "4,4"],
    "depths": [2],
    "architectures": [[5, 5]],
    "replicas": 2,
    "family": "plain",
    "convention": ["union"],
    "curvatures": ["ollivier"],
    "alphas": [0.5],
    "snapshots": [0],
    "recipe": {"epochs": 2},
    "transport": {"n_points": 9},
    "datasets": [
        {"name": "circles", "k": [5], "options": {"noise": 0.1}, "recipe": {"epochs": 3}},
        {"name": "digits_3v8", "k": [5], "threshold": 0.9, "scale": "raw"},
    ],
    "variants": {"a": {"seed": 1}},
}
PLACES = [
    *((key,) for key in sorted(STUDY_KEYS | {"base", "unknown"})),
    *(("datasets", at, key) for at in (0, 1) for key in sorted(DATASET_KEYS)),
    *(("recipe", name) for name in Recipe.__dataclass_fields__),
    *(("transport", name) for name in TransportSpec.__dataclass_fields__),
    ("datasets", 0),
    ("datasets", 0, "options", "noise"),
    ("datasets", 0, "recipe", "epochs"),
    ("variants", "a"),
    ("variants", "a", "replicas"),
    ("widths", 0),
    ("architectures", 0),
]

WORDS = [
    "", "narrow", "wide", "5", "5,x", "4-4", "1000000000", "union", "mutual", "graphs", "pairs",
    "residual", "fractional", "cuda", "circles", "mnist", "paper", "raw", "adam", *CURVATURES,
]  # fmt: skip
EDGES = [0, 1, 2, 9999, 10_000, 2**31 - 1, 2**31, 2**53, 2**63 - 1, 2**63, 10**50, -1]
NUMBERS = [0.5, 1.0, 1e-300, 1e-40, 1e39, 1e300, math.inf, -math.inf, math.nan, -0.0]
SCALARS = st.one_of(
    st.sampled_from(EDGES),
    st.sampled_from(NUMBERS),
    st.sampled_from(WORDS),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.sampled_from([date(2024, 1, 1), datetime(2024, 1, 1, 12), time(12)]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["a", "name", "epochs", ""]), inner, max_size=2),
    ),
    max_leaves=4,
)
CHANGES = st.lists(st.tuples(st.sampled_from(PLACES), VALUES), min_size=1, max_size=2)


def toml(value):
    """Return a value as TOML, in one line."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{toml(key)} = {toml(one)}' for key, one in value.items())}}}"
    return value.isoformat()


def changed(content, place, value):
    """Return nested tables and lists with another value at a place."""
    if not place or not isinstance(content, dict | list):
        return value
    first, *rest = place
    if isinstance(content, dict):
        return {**content, str(first): changed(content.get(first, {}), rest, value)}
    if not isinstance(first, int) or first >= len(content):
        return value
    return [*content[:first], changed(content[first], rest, value), *content[first + 1 :]]


TYPES = {
    name: kind
    for file in relations()
    if (file.folder, file.name) == ("tables", "networks")
    for name, kind in re.findall(r"^ +(\w+) (integer\[\]|\w+)", file.statement, re.MULTILINE)
}
BITS = {"integer": 31, "bigint": 63}


def fits(value, kind):
    """Return whether a column of a type holds a value as it is."""
    if value is None:
        return True
    if kind == "integer[]":
        return all(fits(one, "integer") for one in value)
    if kind in BITS:
        return type(value) is int and -(2 ** BITS[kind]) <= value < 2 ** BITS[kind]
    if kind == "double":
        return type(value) in (int, float) and math.isfinite(value)
    if kind == "boolean":
        return type(value) is bool
    assert kind == "varchar"
    return type(value) is str and value.encode().decode() == value


def check(changes, path):
    """Read a study with changes; return what it makes of them: True, or the line of a refusal."""
    content = GOOD
    for place, value in changes:
        content = changed(content, place, value)
    path.write_text("\n".join(f"{toml(key)} = {toml(one)}" for key, one in content.items()))
    try:
        studies = study_specs(str(path))
        for study in studies:
            for cell in cells(study):
                for replica in (0, study.replicas - 1):
                    row = columns_of(cell, sizes(cell.dataset.dataset).n_train, replica)
                    assert {
                        name: one for name, one in row.items() if not fits(one, TYPES[name])
                    } == {}
                assert all(one < 2**31 for one in cell.geometry.k)
            todo = [(cell, 0) for cell in cells(study)]
            refuse_beyond("it", estimate(todo, jobs=2, cores=2), memory=1e10, disk=1e10)
    except GeoflowError as error:
        assert len(str(error).splitlines()) == 1
        assert len(str(error)) < 1000
        return str(error)
    return True


def box(examples):
    """Return how long to look: so many examples, whatever a machine makes of each."""
    return settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )


def test_the_study_that_is_changed_is_one(tmp_path):
    assert check([], tmp_path / "a.toml") is True
    assert TYPES["seed"] == "bigint"
    assert TYPES["widths"] == "integer[]"
    said = check([(("datasets", 0, "k"), [True])], tmp_path / "a.toml")
    assert "k must be an integer of at least 1, not True (data set 'circles')" in said


@box(150)
@given(changes=CHANGES)
def test_any_value_gives_a_study_or_a_line(tmp_path, changes):
    check(changes, tmp_path / "a.toml")


@pytest.mark.slow
@box(20_000)
@given(changes=CHANGES)
def test_any_value_gives_a_study_or_a_line_at_length(tmp_path, changes):
    check(changes, tmp_path / "a.toml")


@box(100)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_text_gives_a_study_or_a_line(tmp_path, text):
    path = tmp_path / "a.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(GeoflowError) as caught:
        study_specs(str(path))
    assert len(str(caught.value).splitlines()) == 1
