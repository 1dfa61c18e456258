"""The command: rows on standard output, words on standard error, a status, never a traceback."""

import io
import json
import subprocess
import sys

import click
import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

import geoflow
from geoflow.cli import main
from geoflow.cli.progress import line_progress


def call(*words, stdin=None):
    result = CliRunner().invoke(main, [str(word) for word in words], input=stdin)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def every_command(group=main, path=()):
    for name, command in group.commands.items():
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from every_command(command, (*path, name))


@pytest.mark.parametrize(
    ("path", "command"), list(every_command()), ids=lambda value: str(value)[:30]
)
def test_every_command_has_help_with_an_example(path, command):
    result = call(*path, "--help")
    assert "\\b" not in result.stdout  # click's mark, had it been written in a raw string
    assert result.exit_code == 0
    assert command.help
    if not isinstance(command, click.Group) or command.invoke_without_command:
        assert f"Example:  geoflow {' '.join(path)}" in result.stdout


def test_formats_say_the_same(store):
    sql = "select layer, k, n_edges, total_geodesic from graph_summary order by all limit 9"
    expected = geoflow.open(store).query(sql)
    read = {
        "csv": lambda out: pl.read_csv(io.BytesIO(out)),
        "json": lambda out: pl.DataFrame(json.loads(out)),
        "jsonl": lambda out: pl.read_ndjson(io.BytesIO(out)),
        "parquet": lambda out: pl.read_parquet(io.BytesIO(out)),
    }
    for name, parse in read.items():
        found = parse(call("query", sql, "--db", store, "--format", name).stdout_bytes)
        assert found.rows() == expected.rows(), name
    markdown = call("query", sql, "--db", store, "--format", "markdown").stdout
    assert markdown.splitlines()[0].replace(" ", "") == "|layer|k|n_edges|total_geodesic|"
    assert len(markdown.splitlines()) == 2 + expected.height


def test_tables_are_never_cut(store):
    sql = "select range as n, repeat('x', 300) as text from range(300)"
    out = call("query", sql, "--db", store).stdout
    assert out.count("x" * 300) == 300
    assert "…" not in out


def test_lists_can_be_csv(store):
    sql = "select widths from networks where name = 'digits'"
    assert call("query", sql, "--db", store, "--format", "csv").stdout == 'widths\n"[4,3,3]"\n'


def test_sql_from_standard_input(store):
    result = call("query", "-", "--db", store, "--format", "csv", stdin="select 1 + 1 as two")
    assert result.stdout == "two\n2\n"


def test_rows_into_a_file(store, tmp_path):
    path = tmp_path / "rows.parquet"
    result = call("query", "from graphs", "--db", store, "--format", "parquet", "--output", path)
    assert result.stdout == ""
    assert pl.read_parquet(path).equals(geoflow.open(store).view("graphs"))


MISTAKES = [
    (("show", "digitz"), 1, "did you mean 'digits'"),
    (("views", "optimal"), 1, "did you mean 'optimal_k'"),
    (("query", "selec 1"), 1, "syntax error"),
    (("query", "from grafs"), 1, "`geoflow views` lists"),
    (("query", "select nosuch from graphs"), 1, "nosuch"),
    (("query", ""), 1, "gives no rows"),
    (("query", "delete from graphs"), 1, "read-only"),
    (("query", "drop table graphs"), 1, "read-only"),
    (("query", "from read_csv('/etc/passwd')"), 1, "the store alone"),
    (("query", "copy graphs to 'x.csv'"), 1, "of kind COPY"),
    (("query", "set enable_external_access = true"), 1, "of kind SET"),
    (("query", "from hop_distances(1, 99, 0)"), 1, "kept up to rank 8"),
    (("query", "from graphs", "--format", "xml"), 2, "Invalid value for '--format'"),
    (("export", "out", "grafs"), 1, "did you mean 'graphs'"),
    (("ingest", "none.npz", "--k", "5"), 1, "no file none.npz"),
    (("ingest", "none.npz", "--k", "five"), 2, "must be an integer, not 'five'"),
    (("train", "circels", "--depth", "3", "--k", "5"), 1, "did you mean 'circles'"),
    (("train", "circles", "--depth", "3", "--k", "5", "--snapshots", "51"), 1, "for 50 epochs"),
    (("train", "circles", "--depth", "3", "--k", "1000"), 1, "k = 1000 of 1000 points"),
    (
        ("train", "circles", "--depth", "3", "--k", "5", "--optimizer", "adam", "--epsilon-inside"),
        1,
        "adam adds epsilon outside its root: leave out epsilon_inside",
    ),
    (("train", "circles", "--depth", "3", "--k", "5", "--option", "x"), 2, "NAME=VALUE"),
    (("train", "circles", "--depth", "3", "--k", "5", "--option", "nois=1"), 1, "noise"),
    (("train", "mnist_1v7", "--depth", "3", "--k", "5", "--data-dir", "."), 1, "datasets fetch"),
    (("train", "mnist_3v3", "--depth", "3", "--k", "5"), 1, "3"),
    (("study", "run", "quickstrat"), 1, "did you mean 'quickstart'"),
    (("datasets", "fetch", "circles"), 1, "circles"),
    (("nosuch",), 2, "No such command"),
    (("networks", "--study", "grit"), 1, "did you mean 'grid'"),
    (("networks", "--dataset", "cloudz"), 1, "did you mean 'cloud'"),
    (("query", "/* nothing */;"), 1, "gives no rows"),
    (("query", "select 1; select 2"), 1, "2 statements in one query: run them one by one"),
    (("query", "select 1; drop table graphs"), 1, "2 statements in one query"),
    (("query", "pragma enable_profiling"), 1, "locked"),
    (("query", "checkpoint"), 1, "of kind CALL"),
    (("query", "create table memory.main.x as select 1"), 1, "of kind CREATE"),
    (("query", "from hop_distances(1, 8, 999)"), 1, "no point 999"),
    (
        ("train", "circles", "--depth", "3", "--k", "5", "--seed", "-1"),
        1,
        "seed must be an integer",
    ),
    (("train", "circles", "--depth", "3", "--k", "5", "--db", "no/x.duckdb"), 1, "no folder no"),
]


@pytest.mark.parametrize(("words", "status", "said"), MISTAKES)
def test_mistakes_end_in_one_line_and_leave_the_store(copied, words, status, said, monkeypatch):
    monkeypatch.chdir(copied.parent)
    monkeypatch.setenv("GEOFLOW_DB", str(copied))
    monkeypatch.delenv("GEOFLOW_DATA", raising=False)
    before = copied.read_bytes()
    result = call(*words)
    assert result.exit_code == status
    assert said in result.stderr
    assert result.stdout == ""
    if status == 1:
        assert result.stderr.startswith("Error: ")
        assert len(result.stderr.splitlines()) == 1
    assert copied.read_bytes() == before


READERS = (("networks",), ("show", "x"), ("query", "from graphs"), ("check",), ("export", "out"))


@pytest.mark.parametrize("words", READERS)
def test_readers_say_which_store_is_missing_and_make_none(words, tmp_path):
    db = tmp_path / "none.duckdb"
    result = call(*words, "--db", db)
    assert result.exit_code == 1
    assert f"no store at {db}" in result.stderr
    assert not db.exists()


def test_ingest_then_show_then_query(tmp_path):
    rng = np.random.default_rng(0)
    layers = {f"layer_0{at}": rng.normal(size=(30, 3)) for at in range(4)}
    np.savez(tmp_path / "mine.npz", weights=np.zeros(30), labels=np.arange(30) % 2, **layers)
    db = tmp_path / "g.duckdb"
    options = ("--k", "3,5", "--k", "8", "--convention", "union", "--convention", "mutual")
    result = call("ingest", tmp_path / "mine.npz", "--db", db, *options)
    assert result.exit_code == 0
    assert "4 layers of 30 points, 24 graphs" in result.stdout
    assert "Left out, as geoflow has no use for it: weights" in result.stderr
    assert "Not measured: non-linearity signature: there are no arrays pre_01" in result.stderr
    shown = call("show", "mine", "--db", db).stdout
    assert "total_geodesic" in shown
    assert "z_fisher" in shown
    rows = json.loads(call("show", "mine", "--db", db, "--format", "json").stdout)
    assert {(row["k"], row["convention"]) for row in rows} == {
        (k, convention) for k in (3, 5, 8) for convention in ("union", "mutual")
    }
    assert call("check", "--db", db).exit_code == 0


def test_train_writes_and_networks_lists(tmp_path):
    db = tmp_path / "g.duckdb"
    size = ("--n-train", 60, "--n-test", 30, "--epochs", 2, "--k", "4,8", "--no-transport")
    words = ("train", "circles", "--width", "4,4", "--replicas", 2, "--option", "noise=0.1", *size)
    result = call(*words, "--db", db)
    assert "2 networks written" in result.stdout
    assert "networks" in result.stderr
    assert "0 networks written" in call(*words, "--db", db).stdout
    listed = json.loads(call("networks", "--db", db, "--format", "json").stdout)
    assert [row["network"] for row in listed] == ["train/circles-4-4-2-0", "train/circles-4-4-2-1"]
    options = geoflow.open(db).view("datasets")["options"].item()
    assert json.loads(options)["noise"] == 0.1


@pytest.mark.slow
def test_snapshots_of_train_and_of_a_study(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GEOFLOW_DB", "g.duckdb")
    size = ("--n-train", 60, "--n-test", 30, "--epochs", 2, "--k", 4, "--no-transport")
    words = ("train", "circles", "--width", "4,4", *size)
    assert "1 networks written" in call(*words, "--snapshots", "0,1,2").stdout
    shown = call("show", "train/circles-4-4-2-0@1").stdout
    assert "total_geodesic" in shown
    assert "train/circles-4-4-2-0\n" in shown
    file = "architectures = [[4, 4]]\nsnapshots = [0]\n[recipe]\nepochs = 2\n[[datasets]]\n"
    file += 'name = "circles"\nn_train = 60\nn_test = 30\nk = [4]'
    (tmp_path / "s.toml").write_text(file)
    assert call("study", "run", "s.toml", "--jobs", 1, "--snapshots", "1").exit_code == 0
    sql = "select study, epochs from networks where final_id is not null order by all"
    rows = geoflow.open().query(sql).rows()
    assert rows == [("s", 1), ("train", 0), ("train", 1)]
    again = call("study", "run", "s.toml", "--jobs", 1)
    assert "1 to train again for what they lack" in again.stderr
    assert geoflow.open().query(sql).rows() == [("s", 0), ("s", 1), ("train", 0), ("train", 1)]
    assert [row["network"] for row in json.loads(call("networks", "--format", "json").stdout)] == [
        "train/circles-4-4-2-0", "s/circles-4-4-2-0"
    ]  # fmt: skip


@pytest.mark.slow
def test_where_epsilon_stands_is_a_column_and_no_other_recipe_is_taken_for_it(tmp_path):
    words = ("train", "circles", "--width", "4,4", "--n-train", 60, "--n-test", 30, "--epochs", 2)
    words = (*words, "--k", 4, "--snapshots", 1, "--no-transport", "--db", tmp_path / "g.duckdb")
    for study, side in (("a", ()), ("b", ("--epsilon-inside",)), ("c", ("--epsilon-outside",))):
        assert "1 networks written" in call(*words, "--study", study, *side).stdout
    assert "1 networks written" in call(*words, "--study", "d", "--optimizer", "sgd").stdout
    assert "0 networks written" in call(*words, "--study", "a", "--epsilon-inside").stdout
    other = call(*words, "--study", "a", "--epsilon-outside")
    assert (other.exit_code, "with another epsilon_inside (True, now False)" in other.stderr) == (
        1,
        True,
    )
    sql = "select study, epochs, epsilon_inside, test_loss from networks order by all"
    rows = geoflow.open(tmp_path / "g.duckdb").query(sql).rows()
    assert [row[2] for row in rows] == [True] * 4 + [False] * 2 + [None] * 2
    assert rows[1][3] == rows[3][3] != rows[5][3]


@pytest.mark.slow
def test_families_of_train_are_columns_of_networks(tmp_path):
    words = ("train", "circles", "--width", "4,4", "--n-train", 60, "--n-test", 30, "--epochs", 2)
    words = (*words, "--k", 4, "--no-transport", "--db", tmp_path / "g.duckdb")
    memory = ("--family", "fractional", "--memory-order", 0.25, "--batch-norm")
    assert "1 networks written" in call(*words, "--study", "a", *memory).stdout
    assert "1 networks written" in call(*words, "--study", "b", "--family", "residual").stdout
    assert "1 networks written" in call(*words, "--study", "c").stdout
    sql = "select study, family, batch_norm, memory_order from networks order by all"
    assert geoflow.open(tmp_path / "g.duckdb").query(sql).rows() == [
        ("a", "fractional", True, 0.25), ("b", "residual", False, None), ("c", "plain", False, None)
    ]  # fmt: skip
    assert "0 networks written" in call(*words, "--study", "a", *memory).stdout
    other = call(*words, "--study", "a", "--family", "fractional", "--batch-norm")
    assert "with another memory_order (0.25, now 0.5)" in other.stderr
    for more, said in (
        (("--family", "residual", "--width", "4,5"), "give one width for all"),
        (("--memory-order", 0.5), "family plain has no memory_order"),
        (("--batch-norm", "--batch-size", 59), "a batch of one row, which batch_norm cannot"),
    ):
        refused = call(*words, "--study", "d", *more)
        assert (refused.exit_code, said in refused.stderr) == (1, True)
    assert call("check", "--db", tmp_path / "g.duckdb").exit_code == 0


def test_check_finds_an_offence_and_says_so_in_its_status(changed):
    db = changed("update graphs set total_forman = total_forman + 1 where graph_id = 1")
    result = call("check", "--db", db, "--format", "json")
    assert result.exit_code == 1
    found = {row["check"] for row in json.loads(result.stdout) if row["n_offences"]}
    assert found == {"forman_from_neighbors", "node_totals"}
    assert "offending rows" in result.stderr


def test_views_tell_formula_and_columns():
    assert "ricci_coefficients" in call("views").stdout
    told = call("views", "ricci_coefficients").stdout
    assert "Pearson(eta_l, Ric_l)" in told
    assert "z_paper" in told


def test_data_sets_are_listed(tmp_path):
    rows = json.loads(call("datasets", "--data-dir", tmp_path, "--format", "json").stdout)
    present = {row["name"]: row["is_present"] for row in rows}
    assert present["digits_3v8"]
    assert not present["mnist_1v7"]


@pytest.mark.parametrize("file_format", ["parquet", "csv", "json"])
def test_export_and_read_back(store, tmp_path, file_format):
    result = call("export", tmp_path, "flow_steps", "--db", store, "--format", file_format)
    path = tmp_path / f"flow_steps.{file_format}"
    assert result.stdout == f"{path}\n"
    read = {"parquet": pl.read_parquet, "csv": pl.read_csv, "json": pl.read_json}[file_format]
    expected = geoflow.open(store).view("flow_steps")
    assert read(path).select(pl.len()).item() == expected.height
    assert read(path)["eta"].sum() == expected["eta"].sum()
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


@pytest.mark.slow
def test_export_of_everything(store, tmp_path):
    names = call("export", tmp_path, "--db", store).stdout.split()
    assert {"runs.parquet", "optimal_k.parquet"} <= {name.rsplit("/", 1)[-1] for name in names}


def test_a_real_process_has_a_status_and_no_traceback(tmp_path):
    (tmp_path / "x.duckdb").write_text("not a database")
    code = "from geoflow.cli import main; main()"
    command = [sys.executable, "-c", code, "networks", "--db", "x.duckdb"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == "Error: x.duckdb is not a DuckDB file: name a geoflow store with --db\n"


def test_progress_lines_say_done_rate_and_time_left(capsys):
    advance = line_progress(20, "networks")
    for _ in range(40):
        advance(0.5, "training")
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 10
    assert said[-1].startswith("20/20 networks, ")
    assert "0 s left: training" in said[-1]
