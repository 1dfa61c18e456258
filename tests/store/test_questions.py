"""Questions: every one runs on a store, with its parameters given or filled in."""

import re

import pytest

import geoflow
from geoflow.errors import SpecError
from geoflow.store._sqlfiles import sql_files
from geoflow.store.questions import question, question_sql
from geoflow.text.literal import literal

QUESTIONS = sql_files("questions")
VALUES = {
    "studies": ["grid", "shallow"],
    "study": "grid",
    "convention": "union",
    "dataset": "cloud",
    "k": 6,
    "near": 50,
    "patience": 3,
    "enough": 2,
    "across": "layers",
    "among": "study",
    "about": "kind",
    "sample": "all",
    "series_end": "hidden",
    "snapshots": True,
    "network": "tied",
    "other": "tied",
    "network_id": 2,
    "level": "network",
    "x": "test_accuracy",
    "x_label": "test_accuracy",
    "y": "ricci_coefficient",
    "y_label": "ricci_coefficient directed",
}

each = pytest.mark.parametrize("file", QUESTIONS, ids=lambda file: file.name)


@pytest.fixture(scope="module")
def db(store):
    with geoflow.open(store).held() as held:
        yield held


def values_of(file):
    return {name: VALUES[name] for name in file.parameters}


def test_there_are_questions():
    assert len(QUESTIONS) > 30


@each
def test_parameters_in_the_header_are_those_of_the_statement(file):
    assert set(re.findall(r"\$(\w+)", file.statement)) == set(file.parameters)
    assert all(file.parameters.values())


@each
def test_a_question_gives_the_same_rows_with_parameters_given_and_filled_in(file, db):
    rows = db.query(file.statement, **values_of(file))
    assert rows.columns
    assert rows.equals(db.query(question_sql(file.name, values_of(file))))


@pytest.mark.parametrize(
    "name", ["studied_places", "headline", "coefficient_map", "networks_left_out"]
)
def test_some_questions_have_an_answer_in_a_small_store(db, name):
    assert db.query(question_sql(name, values_of(question(name)))).height > 0


def test_a_name_stays_a_name(store):
    names = ["it's", "a\x1b[31m", "$study", "'; drop table networks; --", "grid"]
    sql = question_sql("studied_places", {"studies": names})
    assert sql.isprintable() or all(line.isprintable() for line in sql.splitlines())
    assert geoflow.open(store).query(sql)["study"].unique().to_list() == ["grid"]
    value = geoflow.open(store).query(f"select {literal(names)} as names").item()
    assert value.to_list() == names


def test_an_empty_list_selects_nothing(store):
    sql = question_sql("transport_means", {"studies": []})
    assert geoflow.open(store).query(sql).is_empty()


def test_mistakes_name_the_question_and_what_it_takes():
    with pytest.raises(SpecError, match="unknown question 'headlin', did you mean 'headline'"):
        question("headlin")
    with pytest.raises(SpecError, match="question 'headline' takes studies, not study"):
        question_sql("headline", {"study": "grid"})
