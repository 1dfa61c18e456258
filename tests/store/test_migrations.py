"""A store that an earlier geoflow wrote is brought up whole, or left as it is."""

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import polars as pl
import pytest
from click.testing import CliRunner
from polars.testing import assert_frame_equal

import geoflow
from geoflow.cli import main
from geoflow.datasets import load
from geoflow.errors import StoreError
from geoflow.scores import score_label
from geoflow.scores.topology import FORMULA, NAITZAT
from geoflow.specs import (
    DatasetSpec,
    GeometrySpec,
    Recipe,
    StudyDataset,
    StudySpec,
    TransportSpec,
    architecture,
)
from geoflow.specs.points import earlier_fingerprint
from geoflow.store import make_ready, migrate, query
from geoflow.store._migrations import OLDEST, pending
from geoflow.store._sqlfiles import fingerprint, sql_home
from geoflow.store.request import lacking, parsed_request, request
from geoflow.store.schema import SCHEMA_VERSION, create
from geoflow.study.run import run_study
from geoflow.study.status import study_status

RENAMED = "n_units"
"""What ``width`` of ``layers`` is called today."""

EARLIER = {
    "layers": {"width": RENAMED},
    "transport_steps": {"method": "'exact'", "regularisation": "null"},
    "transport_tracks": {"method": "'exact'", "regularisation": "null"},
    "layer_affinities": {
        "affinity_score": "1 - (1 - affinity_score) * sqrt(n_points / (n_points - 1))"
    },
    "layer_complexities": {"complexity": "crossings", "complexity_deviation": "0.5"},
    "point_complexities": {"complexity": "crossings"},
}
"""What an earlier geoflow had in its columns, in those of today."""

GONE = ("method", "regularisation", "complexity", "complexity_deviation")
"""Columns that are gone, or are NULL in rows of before."""

SCHEMA_3 = (Path(__file__).parent / "schema_3.sql").read_text("utf-8")
CIRCLES = DatasetSpec("circles", n_train=40, n_test=30)
STUDY = StudySpec(
    "mine",
    (StudyDataset(CIRCLES, (4, 6), 0.5, Recipe(epochs=2, epsilon_inside=False)),),
    (architecture("4,4"),),
    replicas=2,
    convention=("union",),
    curvatures=("forman",),
    output=False,
    snapshots=(1,),
    transport=TransportSpec(radii=(0.5,), n_points=5),
)


@pytest.fixture(scope="module")
def today(tmp_path_factory):
    """A store of this geoflow with a row in every table but that of regressions."""
    db = tmp_path_factory.mktemp("today") / "g.duckdb"
    run_study(STUDY, db)
    broken = replace(STUDY, name="broken", datasets=(replace(STUDY.datasets[0], k=(4,)),))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("geoflow.study._task.load", lambda *_: 1 / 0)
        assert run_study(broken, db).failures
    return db


def tables_in(connection, schema="main"):
    rows = connection.sql(
        "select table_name from duckdb_tables() where database_name = current_database()"
    )
    return sorted(name for (name,) in rows.fetchall())


@pytest.fixture(scope="module")
def written_before(today):
    """That store as the geoflow of schema version 3 would have written it."""
    db = today.parent / "before" / "g.duckdb"
    db.parent.mkdir()
    data = load(CIRCLES)
    with duckdb.connect(str(db)) as connection:
        connection.execute(SCHEMA_3)
        connection.execute(f"attach '{today}' as today (read_only)")
        rows = connection.sql(
            "select table_name, list(column_name order by column_index)"
            " from duckdb_columns() where database_name = 'g' group by table_name"
            " order by table_name not in ('datasets', 'networks'), table_name <> 'datasets'"
        )
        for table, columns in rows.fetchall():
            now = [EARLIER.get(table, {}).get(one, one) for one in columns]
            connection.execute(
                f"insert into {table} ({', '.join(columns)}) select {', '.join(now)}"
                f" from today.{table}"
            )
        connection.execute("update store_info set schema_version = 3, sql_fingerprint = 'before'")
        connection.execute("create view network_summary as select 'before' as what")
        connection.execute("create view mine as select count(*) as n from graphs")
    with duckdb.connect(str(db)) as connection:
        connection.execute("create table kept as from layers; delete from layers")
    with duckdb.connect(str(db)) as connection:
        connection.execute("create table held as from networks; delete from networks")
    with duckdb.connect(str(db)) as connection:
        before = earlier_fingerprint(data.x_test, data.y_test)
        connection.execute("update datasets set fingerprint = ?", [before])
        connection.execute("insert into networks from held; insert into layers from kept")
        connection.execute("drop table held; drop table kept; checkpoint")
    return db


@pytest.fixture
def earlier(written_before, tmp_path):
    """A store of before that a test may change."""
    return Path(shutil.copy(written_before, tmp_path / "g.duckdb"))


@pytest.fixture(scope="module")
def brought_up(written_before, tmp_path_factory):
    """A store of before that has been brought up, to read only."""
    db = Path(shutil.copy(written_before, tmp_path_factory.mktemp("up") / "g.duckdb"))
    migrate(db)
    return db


@pytest.fixture
def moving(brought_up, tmp_path):
    """One that has been brought up, which a test may change."""
    return Path(shutil.copy(brought_up, tmp_path / "g.duckdb"))


def contents(db):
    with duckdb.connect(str(db), read_only=True) as connection:
        return {
            name: connection.sql(f"from {name} order by all").pl() for name in tables_in(connection)
        }


def shape(db):
    """Every column and comment of the tables, views and macros of a store."""
    with duckdb.connect(str(db), read_only=True) as connection:
        return [
            connection.sql(sql).fetchall()
            for sql in (
                "select table_name, column_name, data_type, is_nullable, comment from"
                " duckdb_columns() where not internal and table_name <> 'mine' order by all",
                "select view_name, comment from duckdb_views() where not internal and view_name"
                " <> 'mine' order by all",
                "select function_name, comment from duckdb_functions() where not internal"
                " order by all",
                "select table_name, comment from duckdb_tables() order by all",
            )
        ]


def test_migrations_lead_from_the_oldest_version_to_that_of_today():
    numbers = [int(file.name[:4]) for file in pending(0)]
    assert list(dict.fromkeys(numbers)) == list(range(OLDEST + 1, SCHEMA_VERSION + 1))


def test_a_store_of_before_is_brought_up_with_all_that_is_in_it(earlier, tmp_path):
    before = contents(earlier)
    assert sum(frame.height > 0 for frame in before.values()) > 20
    assert migrate(earlier) == 3
    after = contents(earlier)
    for name, frame in before.items():
        if name != "store_info":
            held = frame.rename({"width": RENAMED}) if name == "layers" else frame
            same = [one for one in held.columns if one not in GONE]
            if name == "class_curvatures":  # of edges that are left, not of a graph made anew
                held = held.with_columns(pl.col("points").replace("correct", "correct edges"))
            pair = (one.select(same).sort(same) for one in (after[name], held))
            if name == "layer_affinities":
                pair = (one.drop("affinity_score") for one in pair)
            assert_frame_equal(*pair)
    for name, column in (
        ("networks", "request"),
        ("runs", "request"),
        ("failed_cells", "traceback"),
    ):
        assert after[name].height
        assert after[name][column].null_count() == after[name].height
    info = query(earlier, "from store_info").row(0)
    assert info == (SCHEMA_VERSION, geoflow.__version__, fingerprint())
    create(tmp_path / "new.duckdb")
    assert shape(earlier) == shape(tmp_path / "new.duckdb")
    assert query(earlier, "select n from mine").item() == before["graphs"].height
    assert not geoflow.open(earlier).check()["n_offences"].sum()
    assert migrate(earlier) == SCHEMA_VERSION


def test_what_reads_a_store_of_before_says_how_to_bring_it_up(earlier):
    before = earlier.read_bytes()
    for attempt in (
        lambda: query(earlier, "from networks"),
        lambda: geoflow.open(earlier).view("networks"),
        lambda: study_status(STUDY, earlier),
    ):
        with pytest.raises(StoreError, match=r"version 3, .* `geoflow migrate --db .*g.duckdb`"):
            attempt()
    assert earlier.read_bytes() == before
    ran = CliRunner().invoke(main, ["migrate", "--db", str(earlier)])
    assert (ran.exit_code, ran.stdout) == (
        0,
        f"{earlier} has schema version {SCHEMA_VERSION} now, it had 3\n",
    )
    again = CliRunner().invoke(main, ["migrate", "--db", str(earlier)])
    assert "there was nothing to bring up" in again.stdout
    assert query(earlier, "from networks").height


def test_a_study_goes_on_in_a_store_of_before(earlier):
    networks = contents(earlier)["networks"]
    done = run_study(STUDY, earlier)
    assert (done.n_written, done.n_present, done.failures) == (0, 2, ())
    more = run_study(replace(STUDY, replicas=3), earlier)
    assert (more.n_written, more.n_present, more.failures) == (1, 2, ())
    after = query(earlier, "from networks where replica < 2 order by network_id")
    same = after.select(networks.columns).sort("network_id")
    assert_frame_equal(same, networks.sort("network_id"))
    assert query(earlier, "from datasets").height == 1
    assert not geoflow.open(earlier).check()["n_offences"].sum()


def test_regressions_of_before_were_of_accuracy_over_all_networks(earlier):
    with duckdb.connect(str(earlier)) as connection:
        connection.execute(
            "insert into regression_terms by name select 'mine' as study, 'union' as convention,"
            " 'hidden' as start, 'z_paper' as coefficient, 'intercept' as term, 1 as estimate,"
            " 2 as standard_error, 0.5 as t, 0.6 as p, 9 as n, 0.1 as r_squared"
        )
    migrate(earlier)
    (row,) = geoflow.open(earlier).view("regression_terms").rows(named=True)
    kept = (row["outcome"], row["sample"], row["term"], row["t"], row["n"])
    assert kept == ("test_accuracy", "all", "intercept", 0.5, 9)


BETTI_7 = (
    "rank of H_1 of the Vietoris-Rips complex of 40 points at scale 2 r + 1 in hops of the union"
    " graph for k = 8, each point farthest from those before, the first drawn with seed 3, r the"
    " most hops of a point to them"
)


def test_scores_of_users_keep_their_names_and_loops_get_columns(earlier):
    betti = "betti_1 k=8 points=40 seed=3"
    with duckdb.connect(str(earlier)) as connection:
        for part in (sql_home() / "migrations" / "0008_own_scores.sql").read_text().split(";")[:2]:
            connection.execute(part)
        for name, formula, source in (("loops k=3", "f", "s"), (betti, BETTI_7, NAITZAT)):
            row = [name, "layer", formula, source, 0, None]
            connection.execute("insert into own_scores values (?, ?, ?, ?, ?, ?)", row)
            connection.execute(
                "insert into layer_score_values by name select max(network_id) as network_id,"
                " 1 as layer, ? as score, 2 as value from networks",
                [name],
            )
    migrate(earlier)
    store = geoflow.open(earlier)
    rows = store.query(
        "select score, k, convention, points, value from layer_scores"
        " where score like 'loops%' or score like 'betti%' order by score"
    )
    assert rows.rows() == [
        ("betti_1", 8, "union", "40 farthest, seed 3", 2.0),
        ("loops k=3", None, None, None, 2.0),
    ]
    entries = store.query("select name, formula from scores where is_own order by name").rows()
    assert entries == [("betti_1", FORMULA), ("loops k=3", "f")]
    settings = {"k": 8, "convention": "union", "points": "40 farthest, seed 3"}
    (label,) = store.query("select label from own_scores where score = 'betti_1'").row(0)
    assert label == score_label("betti_1", **settings)
    assert not store.check()["n_offences"].sum()


def known(frame, *columns):
    """How many values in some columns are not NULL."""
    return sum(frame[name].count() for name in columns)


def test_transport_of_before_is_what_can_be_said_of_it_today(brought_up, today):
    before, after = contents(today), contents(brought_up)
    for name in ("transport_steps", "transport_tracks", "layer_affinities"):
        assert_frame_equal(
            *(one[name].select("n_points", "sample_seed") for one in (after, before))
        )
    for name in ("transport_steps", "transport_tracks"):
        assert after[name]["ot_score"].count() > 0
        assert known(after[name], "least_ot_score", "is_ot_unique") == 0
    scores = [
        one["layer_affinities"].sort("network_id", "layer")["affinity_score"]
        for one in (after, before)
    ]
    assert scores[0].count() > 0
    assert scores[0].to_list() == pytest.approx(scores[1].to_list(), abs=1e-12)
    for name in ("layer_complexities", "point_complexities"):
        assert after[name]["crossings"].sum() == before[name]["crossings"].sum() > 0
        assert after[name]["complexity"].count() == 0


def test_entropic_scores_of_before_are_gone_and_say_so(earlier):
    with duckdb.connect(str(earlier)) as connection:
        for table in ("transport_steps", "transport_tracks"):
            connection.execute(f"update {table} set method = 'entropic' where ot_score is not null")
        connection.execute("update datasets set n_test = 3001")
    migrate(earlier)
    after = contents(earlier)
    for name in ("transport_steps", "transport_tracks"):
        gone = after[name].filter(after[name]["rms_displacement"].is_not_null())
        assert gone.height > 0
        assert known(gone, "w2", "ot_score", "transport_efficiency") == 0
        assert gone["reason"].str.contains("an entropic plan of an earlier geoflow").all()
    assert after["transport_tracks"]["w2_path_length"].count() == 0
    assert after["layer_affinities"]["affinity_score"].count() == 0
    assert after["layer_affinities"]["reason"].null_count() == 0
    assert after["point_tracks"]["is_optimal"].count() == 0 < after["point_tracks"].height


def test_a_track_of_one_step_has_no_score_in_a_store_of_before_either(earlier):
    with duckdb.connect(str(earlier)) as connection:
        connection.execute("update transport_tracks set n_steps = 1, line_shape_score = 1")
        connection.execute("update point_tracks set line_shape_score = 1, reason = null")
    migrate(earlier)
    with geoflow.open(earlier).held() as store:
        for name in ("transport_tracks", "point_tracks", "track_scores"):
            rows = store.view(name)
            assert rows.height > 0
            assert rows["line_shape_score"].count() == 0
            assert rows["reason"].str.contains("a track of one step is straight").all()
        assert store.view("track_scores")["geodesic_ratio"].count() == 0


def test_networks_of_before_had_epsilon_outside_the_root(brought_up):
    assert set(geoflow.open(brought_up).view("networks")["epsilon_inside"]) == {False}
    inside = replace(STUDY, datasets=(StudyDataset(CIRCLES, (4, 6), 0.5, Recipe(epochs=2)),))
    with pytest.raises(StoreError, match=r"another epsilon_inside \(False, now True\)"):
        run_study(inside, brought_up)


def test_what_a_store_of_before_lacks_is_measured(moving):
    wider = replace(STUDY, datasets=(replace(STUDY.datasets[0], k=(8,)),))
    done = run_study(wider, moving)
    assert (done.n_written, done.failures) == (2, ())
    ks = query(moving, "select distinct k from graphs order by k")["k"].to_list()
    assert ks == [4, 6, 8]
    assert query(moving, "from networks where request is null").is_empty()


def test_ingest_writes_to_a_store_of_before(earlier):
    data = load(CIRCLES)
    arrays = {"layer_00": data.x_test, "layer_01": data.x_test, "labels": data.y_test}
    geoflow.ingest(arrays, earlier, k=4, name="given", dataset="else")
    assert query(earlier, "select count(*) from networks where name = 'given'").item() == 1


KILLED = """
import os, sys
from pathlib import Path
from geoflow.store import migrate, _migrations as migrations
at, real = int(sys.argv[2]), migrations.make
made = []
def make(connection, file):
    made.append(file)
    if len(made) == at:
        os._exit(9)
    real(connection, file)
migrations.make = make
migrate(Path(sys.argv[1]))
"""


@pytest.mark.parametrize("at", [pytest.param(1, marks=pytest.mark.slow), 30])
def test_a_store_whose_migration_was_killed_is_as_it_was(at, earlier):
    before = contents(earlier)
    done = subprocess.run([sys.executable, "-c", KILLED, str(earlier), str(at)], check=False)
    assert done.returncode == 9
    after = contents(earlier)
    for name, frame in before.items():
        assert_frame_equal(after[name], frame)
    make_ready(earlier)
    assert query(earlier, "from network_summary").height


def test_a_migration_that_fails_in_the_middle_changes_nothing(earlier, monkeypatch, tmp_path):
    broken = tmp_path / "0005_broken.sql"
    broken.write_text("alter table networks add column more varchar; drop table nothing;")
    monkeypatch.setattr("geoflow.store._migrations.pending", lambda _: [*pending(3), broken])
    before = contents(earlier)
    with pytest.raises(StoreError, match=r"could not be written .*: nothing was changed"):
        migrate(earlier)
    after = contents(earlier)
    for name, frame in before.items():
        assert_frame_equal(after[name], frame)


def test_requests_of_before_are_without_output_and_without_what_transport_is_today():
    """What transport meant then is another thing: a study that asks for it measures it again."""
    asked = request(GeometrySpec((4, 8), curvatures=("forman",), output=False), TransportSpec())
    kept = replace(asked, transport=None)
    with duckdb.connect() as connection:
        before = [one.json.replace('"output":false,', "") for one in (asked, kept)]
        assert all("output" not in one for one in before)
        connection.execute("create table networks as select unnest($1) as request", [before])
        for file in pending(5):
            for statement in file.read_text("utf-8").split(";\n"):
                if statement.lstrip().startswith("update networks set request"):
                    connection.execute(statement)
        after = [text for (text,) in connection.sql("from networks").fetchall()]
    assert [parsed_request(one) for one in after] == [kept, kept]
    assert after == [kept.json, kept.json]
    assert lacking(parsed_request(after[0]), asked) == ["transport geometry"]
