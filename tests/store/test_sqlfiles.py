"""Every SQL file says what it is; the text in the file is the text in the store."""

import re
import shutil

import duckdb
import pytest

import geoflow
from geoflow.store._migrations import pending
from geoflow.store._sqlfiles import (
    FOLDERS,
    fingerprint,
    inherited,
    parsed,
    relations,
    sql_files,
    sql_home,
)

RELATIONS = relations()
CHECKS = sql_files("checks")
QUESTIONS = sql_files("questions")
READABLE = [file for file in RELATIONS if file.is_readable]
MACROS = [file for file in RELATIONS if not file.is_readable]
HEADERS = {file.name: file for folder in FOLDERS for file in sql_files(folder)}
"""The files as they are written: texts of columns that are inherited are empty."""
ALL = (*RELATIONS, *CHECKS, *QUESTIONS)

each_macro = pytest.mark.parametrize("file", MACROS, ids=lambda file: file.name)


@pytest.fixture(scope="module")
def in_store(store):
    """What the store says of its relations: (comment, {column: comment}) by name."""
    with duckdb.connect(str(store), read_only=True) as connection:
        found = connection.sql(
            "select table_name, comment from duckdb_tables() where not internal union all"
            " select view_name, comment from duckdb_views() where not internal union all"
            " select function_name, comment from duckdb_functions() where not internal"
        ).fetchall()
        columns = connection.sql(
            "select table_name, column_name, comment from duckdb_columns() where not internal"
        ).fetchall()
    return {
        name: (comment, {column: text for of, column, text in columns if of == name})
        for name, comment in found
    }


@pytest.fixture(scope="module")
def held(store):
    with geoflow.open(store).held() as found:
        yield found


def test_every_file_of_sql_is_in_a_folder_that_is_built():
    there = {path.relative_to(sql_home()).as_posix() for path in sql_home().rglob("*.sql")}
    built = {f"{file.folder}/{file.name}.sql" for file in ALL}
    assert there == built | {f"migrations/{file.name}" for file in pending(0)}
    assert {file.folder for file in RELATIONS} == set(FOLDERS)


def test_headers_say_title_source_and_grain():
    assert [file.name for file in ALL if not (file.title and file.source and file.grain)] == []


def test_headers_of_tables_and_views_say_their_columns():
    silent = [file.name for file in READABLE if not all(file.columns.values()) or not file.columns]
    assert silent == []


def test_a_text_that_a_column_inherits_is_not_typed_again():
    for file in READABLE:
        known = {other.name: other for other in RELATIONS[: RELATIONS.index(file)]}
        typed = {name: text for name, text in HEADERS[file.name].columns.items() if text}
        again = [name for name, text in typed.items() if inherited(file, name, known) == text]
        assert again == [], file.name


def test_a_column_inherits_of_the_relation_that_its_alias_names():
    known = {
        name: parsed(f"-- columns:\n--   k  {text}\n--   n  of {name}\n", "tables", name)
        for name, text in {"one": "of one", "two": "of two", "three": "key"}.items()
    }
    file = parsed("select b.k, x.n from one as a join two as b join three as c;", "marts", "view")
    assert inherited(file, "k", known) == "of two"
    assert inherited(file, "n", known) == ""  # three texts
    assert inherited(file, "m", known) == ""
    keyed = parsed("select c.k from three as c", "marts", "view")
    assert inherited(keyed, "k", known) == ""


def test_files_make_the_one_relation_they_are_named_after():
    made = r"create (?:or replace )?(table|view|macro) (\w+)"
    for file in RELATIONS:
        assert re.findall(made, file.statement.lower()) == [(file.kind, file.name)]


def test_checks_and_questions_are_queries():
    for file in (*CHECKS, *QUESTIONS):
        assert not file.words & {"create", "insert", "update", "delete", "drop"}, file.name


def test_files_read_no_higher_folder():
    order = (*FOLDERS, "checks", "questions")
    for file in ALL:
        higher = order[order.index(file.folder) + 1 :]
        above = {other.name for other in RELATIONS if other.folder in higher}
        assert not file.words & above, file.name


def test_files_come_after_those_they_name():
    names = [other.name for other in RELATIONS]
    for at, file in enumerate(RELATIONS, start=1):
        assert not file.words & set(names[at:]), file.name


def test_names_are_used_once():
    names = [file.name for file in ALL]
    assert len(names) == len(set(names))


def test_comments_of_relations_are_their_headers(in_store):
    for file in RELATIONS:
        comment, _ = in_store[file.name]
        assert comment == file.comment
        assert file.title in comment


def test_every_column_is_described_and_every_described_column_exists(in_store):
    for file in READABLE:
        assert in_store[file.name][1] == file.columns, file.name


@each_macro
def test_example_of_a_macro_runs_and_uses_it(file, held):
    assert f"{file.name}(" in file.example
    assert held.query(file.example).height > 0


def test_fingerprint_changes_with_a_view_alone(monkeypatch):
    before = fingerprint()
    one = RELATIONS[-1]
    other = parsed("-- title: other\n" + one.statement, one.folder, one.name)
    fingerprint.cache_clear()
    monkeypatch.setattr("geoflow.store._sqlfiles.relations", lambda: (*RELATIONS[:-1], other))
    try:
        assert fingerprint() != before
    finally:
        fingerprint.cache_clear()


GOOD = (
    "(select min(graph_id) from graphs join layers using (layer_id)"
    " where is_connected and detail = 'pairs' and layer > 0)"
)
A_POINT = "layer_id = 2 and point = 3"
AGAIN = "insert into layers by name select * replace (999 as layer_id) from layers"
OFFENCES = [
    ("disconnected_is_null", f"update graphs set total_geodesic = null where graph_id = {GOOD}"),
    ("disconnected_is_null", f"update graphs set diameter = null where graph_id = {GOOD}"),
    ("disconnected_is_null", f"update graphs set n_components = 2 where graph_id = {GOOD}"),
    ("disconnected_is_null", "update graphs set is_connected = true"),
    ("forman_from_neighbors", f"update graphs set total_forman = 0 where graph_id = {GOOD}"),
    ("forman_from_neighbors", f"update graphs set n_edges = 9 where graph_id = {GOOD}"),
    ("forman_from_neighbors", "delete from neighbors where layer_id = 2"),
    ("geodesics_add_up", f"delete from geodesics where graph_id = {GOOD}"),
    ("geodesics_add_up", f"update geodesics set hops = hops + 1 where graph_id = {GOOD}"),
    ("geodesics_add_up", f"update geodesics set hops = null where graph_id = {GOOD}"),
    ("hop_count_totals", f"delete from hop_counts where graph_id = {GOOD}"),
    ("hop_count_totals", f"update hop_counts set n_pairs = n_pairs + 1 where graph_id = {GOOD}"),
    ("hop_count_totals", f"update graphs set diameter = diameter + 1 where graph_id = {GOOD}"),
    ("neighbors_ranked", f"update neighbors set neighbor = point where {A_POINT} and rank = 2"),
    ("neighbors_ranked", f"update neighbors set neighbor = -1 where {A_POINT} and rank = 2"),
    ("neighbors_ranked", f"update neighbors set neighbor = 110 where {A_POINT} and rank = 2"),
    ("neighbors_ranked", f"update neighbors set distance = 1e6 where {A_POINT} and rank = 2"),
    ("neighbors_ranked", f"update neighbors set n_tied = 2 where {A_POINT} and rank = 3"),
    ("neighbors_ranked", f"update neighbors set n_tied = 1 where {A_POINT} and rank = 3"),
    ("neighbors_ranked", f"update neighbors set rank = 99 where {A_POINT} and rank = 8"),
    ("neighbors_ranked", f"delete from neighbors where {A_POINT} and rank = 1"),
    ("neighbors_ranked", f"delete from neighbors where {A_POINT} and rank = 8"),
    ("neighbors_ranked", f"insert into neighbors by name from neighbors where {A_POINT}"),
    ("networks_complete", f"delete from graphs where graph_id = {GOOD}"),
    ("networks_complete", "update networks set depth = depth + 1 where name = 'tied'"),
    ("networks_complete", "update networks set depth = depth + 1 where name = 'graded-0@2'"),
    ("networks_complete", f"{AGAIN} where layer_id = 1"),
    ("networks_complete", f"{AGAIN} where layer_id = 2"),
    (
        "networks_unique",
        "insert into networks by name select * replace (99 as network_id, 'twin' as name)"
        " from networks where name = 'graded-0'",
    ),
    (
        "networks_unique",
        "insert into networks by name select * replace (99 as network_id, 'twin' as name)"
        " from networks where name = 'graded-0@2'",
    ),
    ("no_nan", "update neighbors set distance = 'inf' where layer_id = 2 and rank = 1"),
    ("no_nan", "update networks set test_loss = '-inf' where name = 'tied'"),
    ("no_orphans", "insert into samples values (99, 0, 0)"),
    ("no_orphans", "update networks set run_id = 99 where name = 'tied'"),
    ("no_orphans", "update networks set final_id = 99 where name = 'graded-0@2'"),
    ("no_orphans", "update networks set final_id = network_id where name = 'graded-0@2'"),
    ("no_orphans", "insert into failed_cells values ('s', 'd', 'w', 5, 1, 'why', 99, null)"),
    ("no_orphans", "update regression_terms set study = 'gone'"),
    ("no_orphans", "insert into neighbors values (999, 0, 1, 0, 1, 0.5)"),
    ("no_orphans", "insert into hop_counts values (999, 1, 1)"),
    ("no_orphans", "insert into nodes values (999, 0, 1, null, 0, 0, 0, 0)"),
    ("no_orphans", "insert into geodesics values (999, 0, 1, 1)"),
    ("node_totals", f"delete from nodes where graph_id = {GOOD} and point = 0"),
    ("node_totals", f"update nodes set degree = degree + 1 where graph_id = {GOOD}"),
    ("node_totals", f"update nodes set forman_sum = 0 where graph_id = {GOOD}"),
    ("node_totals", f"update nodes set geodesic_sum = null where graph_id = {GOOD}"),
    ("node_totals", f"update nodes set component = point where graph_id = {GOOD}"),
    ("node_totals", f"update graphs set min_degree = 0 where graph_id = {GOOD}"),
    ("node_totals", f"update graphs set max_degree = max_degree + 1 where graph_id = {GOOD}"),
    ("node_totals", f"update nodes set out_degree = out_degree + 1 where graph_id = {GOOD}"),
    ("node_totals", f"update nodes set eccentricity = 99 where graph_id = {GOOD}"),
    (
        "hop_counts_reach",
        "delete from hop_counts where hops = 1 and graph_id in"
        " (select graph_id from graphs where not is_connected)",
    ),
    ("hop_counts_reach", f"update hop_counts set n_pairs = n_pairs + 1 where graph_id = {GOOD}"),
    ("no_orphans", "update class_edges set graph_id = 999"),
    ("no_orphans", "insert into predictions values (99, 0, 0, null)"),
    ("local_adds_up", "update point_curvatures set mean_curvature = mean_curvature + 1"),
    ("local_adds_up", "update class_edges set degree_sum = degree_sum + 1 where label = 0"),
    ("local_adds_up", "update class_curvatures set n_within = n_within - 1"),
    ("local_adds_up", "update expansions set hop_sum = 0 where point = 3"),
    ("local_adds_up", "update expansions set n_neighbors = n_neighbors + 1 where point = 3"),
    ("local_adds_up", "update communities set community = 99 where point = 3"),
    ("transport_holds", "update transport_tracks set line_shape_score = 0.5"),
    ("transport_holds", "update transport_tracks set w2_path_length = 0 where n_steps > 0"),
    ("transport_holds", "update transport_steps set ot_score = 1.5 where ot_score is not null"),
    ("transport_holds", "update transport_steps set least_ot_score = 2 where ot_score is not null"),
    ("transport_holds", "update transport_tracks set is_ot_unique = true, least_ot_score = -1"),
    ("transport_holds", "update transport_tracks set n_steps = 1, line_shape_score = 1"),
    ("transport_holds", "update transport_tracks set sample_seed = 0"),
    ("transport_holds", "update transport_steps set reason = null where ot_score is null"),
    ("transport_holds", "update point_tracks set path_length = 0 where displacement > 0"),
    ("transport_holds", "update layer_affinities set affinity_score = 1.5"),
    ("transport_holds", "update layer_complexities set complexity = 99"),
    ("transport_holds", "update layer_complexities set crossings = complexity + 1"),
    ("transport_holds", "update point_complexities set complexity = 9 where point = 0"),
    ("transport_holds", "update point_complexities set crossings = 9 where point = 0"),
    ("transport_holds", "delete from point_complexities where point = 0"),
    ("transport_holds", "delete from layer_complexities"),
    ("transport_holds", "update weight_paths set path_length = 1"),
    ("no_orphans", "update transport_tracks set network_id = 99"),
    ("samples_complete", "delete from samples where point = 3"),
    ("samples_complete", "update samples set point = point + 1"),
    ("samples_complete", "insert into samples by name from samples"),
    ("positions_complete", "delete from positions where point = 3"),
    ("positions_complete", "update positions set point = point + 1"),
    ("positions_complete", "insert into positions by name from positions"),
    ("no_orphans", "update positions set layer_id = 99"),
    ("kept_is_computed", "delete from point_coefficients where point = 0"),
    ("kept_is_computed", "update point_coefficients set local_coefficient = 0.5, reason = null"),
    ("kept_is_computed", "update layer_coefficients set n_left_out = n_left_out + 1"),
    ("kept_is_computed", "update layer_coefficients set layer_coefficient = null"),
    ("scores_within_bounds", "update point_coefficients set local_coefficient = 1.5"),
    ("scores_within_bounds", "update networks set test_accuracy = -0.1"),
    ("scores_within_bounds", "update transport_steps set ot_score = 2"),
    (
        "scores_within_bounds",
        "insert into layer_score_values select network_id, 1, 'nobody knows it', 1, null"
        " from networks where final_id is null and status <> 'failed' limit 1",
    ),
]  # fmt: skip
FLOATS = [
    (file.name, column)
    for file in sql_files("tables")
    for column, kind in re.findall(r"^ +(\w+) (double|float)", file.statement, re.MULTILINE)
]


@pytest.fixture(scope="module")
def n_offences(store, tmp_path_factory):
    """Return a function: how many rows a check selects where a statement has changed the store."""
    copy = shutil.copy(store, tmp_path_factory.mktemp("offended") / "geoflow.duckdb")
    with duckdb.connect(str(copy)) as connection:

        def count(check, sql):
            (file,) = (file for file in CHECKS if file.name == check)
            connection.begin()
            try:
                connection.execute(sql)
                return len(connection.execute(file.statement).fetchall())
            finally:
                connection.rollback()

        yield count


def test_every_check_has_a_planted_offence():
    assert {name for name, _ in OFFENCES} == {file.name for file in CHECKS}


def test_checks_select_nothing_on_a_good_store(store):
    rows = geoflow.open(store).check()
    assert rows["check"].to_list() == [file.name for file in CHECKS]
    assert rows["n_offences"].to_list() == [0] * len(CHECKS)


@pytest.mark.parametrize(("check", "sql"), OFFENCES)
def test_check_finds_the_offence(check, sql, n_offences):
    assert n_offences(check, sql) > 0


@pytest.mark.parametrize(("table", "column"), FLOATS)
def test_no_nan_looks_at_every_column_that_could_hold_one(table, column, n_offences):
    assert n_offences("no_nan", f"update {table} set {column} = 'nan'") > 0


@pytest.mark.parametrize(
    "sql",
    [
        f"delete from neighbors where {A_POINT}",
        f"update neighbors set n_tied = -4 where {A_POINT} and rank = 1",
    ],
)
def test_ranking_that_is_missing_or_does_not_start_at_one_is_found(sql, n_offences):
    assert n_offences("neighbors_ranked", sql) > 0


SHUFFLED = (
    "create temp table kept as from neighbors; delete from neighbors;"
    " insert into neighbors from kept order by hash(layer_id, point, rank)"
)


def test_the_order_of_rows_is_no_offence_and_hides_none(n_offences):
    """Rows in order are looked at once; in another they are sorted first."""
    assert n_offences("neighbors_ranked", SHUFFLED) == 0
    broken = f"{SHUFFLED}; update neighbors set distance = 1e6 where {A_POINT} and rank = 2"
    assert n_offences("neighbors_ranked", broken) == 1
