"""What comes out: whole, or said not to be in one line, and never a control character."""

import csv
import io
import json
import os
import pty
import re
import stat
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

import geoflow
from geoflow.cli import main, output
from geoflow.errors import SpecError
from geoflow.ingestion import ingest

PROGRAM = "from geoflow.cli import main; main()"
EVIL = "x\x1b[31m\nError: forged\r\x7f\x85\u2028\u202e\ufeff[red]|<b>"
"""A name that moves the cursor, begins lines, turns the direction, and is markup."""

SEEN = r"x\x1b[31m\nError: forged\r\x7f\x85\u2028\u202e\ufeff[red]|<b>"


def call(*words):
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def ended(words, redirection="", code=PROGRAM):
    """Run a real process in a shell; return its status and standard error."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    command = ["sh", "-c", f'"$@" {redirection}', "sh", sys.executable, "-c", code]
    done = subprocess.run(
        [*command, *map(str, words)], env=env, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stderr


@pytest.fixture(scope="module")
def evil(tmp_path_factory, layers_of):
    """A store whose network and data set have an evil name."""
    db = tmp_path_factory.mktemp("evil") / "g.duckdb"
    ingest(layers_of(0, 30, (4, 3, 3)), db, name=EVIL, dataset=EVIL, k=[4], detail="graphs")
    return db


FULL = "cannot write{} (No space left on device)"


@pytest.mark.parametrize(
    ("words", "where"),
    [
        (("views",), " to standard output"),
        (("--help",), ""),
        (("query", "from range(100000)", "--format", "csv"), " to standard output"),
    ],
)
def test_a_full_disk_is_said_in_one_line(store, words, where, monkeypatch):
    monkeypatch.setenv("GEOFLOW_DB", str(store))
    assert ended(words, "> /dev/full") == (1, f"Error: {FULL.format(where)}\n")


def test_a_pipe_that_is_closed_ends_in_silence(store):
    words = ("query", "from range(300000)", "--format", "csv", "--db", store)
    assert ended(words, "| head -1") == (0, "")  # the status is that of head
    gone = "import os; r, w = os.pipe(); os.dup2(w, 1); os.close(r); os.close(w)"
    assert ended(words, "", f"{gone}; {PROGRAM}") == (141, "")


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_slow_reader_gets_every_byte(store, unbuffered):
    env = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    words = ["query", "from range(300000)", "--format", "csv", "--db", str(store)]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words], env=env, stdout=subprocess.PIPE, check=True
    )
    assert done.stdout.count(b"\n") == 300_001


def test_a_pipe_that_does_not_wait_gets_every_byte(monkeypatch):
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    got = []

    def read():
        while part := os.read(reader, 1 << 16):
            got.append(len(part))

    thread = threading.Thread(target=read)
    thread.start()
    with os.fdopen(writer, "w") as stream, monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", stream)
        output.emit(b"x" * 3_000_000)
    thread.join()
    os.close(reader)
    assert sum(got) == 3_000_000


@pytest.mark.parametrize(
    ("words", "redirection", "expected"),
    [
        (("views",), ">&-", (1, "Error: cannot write to standard output (it is closed)\n")),
        (("views", "nosuch"), "2>&-", (1, "")),
        (("views", "nosuch"), "2> /dev/full", (1, "")),
        (("views", "nosuch"), ">&- 2>&- <&-", (1, "")),
        (("query", "-"), "<&-", (1, "Error: standard input is closed: write the SQL, not -\n")),
    ],
)
def test_closed_streams_end_in_a_status(words, redirection, expected):
    assert ended(words, redirection) == expected


def test_no_file_takes_the_number_of_a_closed_stream(tmp_path):
    code = (
        "from geoflow.cli.output import fill_closed_streams as fill; fill(); import sys;"
        "file = open(sys.argv[1], 'w'); file.write(str(file.fileno()))"
    )
    ended([tmp_path / "x"], ">&- 2>&-", code)
    assert int((tmp_path / "x").read_text()) > 2


@pytest.fixture(params=["itself", "link", "hard link", "dots", "log"])
def same_store(request, copied):
    """A name of the store, and the store."""
    path = copied.parent / "other"
    match request.param:
        case "itself":
            path = copied
        case "link":
            path.symlink_to(copied)
        case "hard link":
            path.hardlink_to(copied)
        case "dots":
            path = copied.parent / ".." / copied.parent.name / copied.name
        case "log":
            path = copied.with_name(f"{copied.name}.wal")
    return path, copied


def test_no_output_is_the_store(same_store, monkeypatch):
    path, db = same_store
    before = db.read_bytes()
    for words in (("query", "from graphs"), ("study", "report", "quickstart")):
        result = call(*words, "--db", db, "--output", path)
        assert result.exit_code == 1
        assert result.stderr == (
            f"Error: {path} is the store {db}: name another file, or it would be lost\n"
        )
    assert db.read_bytes() == before
    assert path.exists() == (not path.name.endswith(".wal"))


def test_no_export_is_the_store(copied):
    db = copied.rename(copied.with_name("runs.csv"))
    before = db.read_bytes()
    with pytest.raises(SpecError, match=r"runs\.csv is the store"):
        geoflow.open(db).export(db.parent, ["graphs", "runs"], "csv")
    assert db.read_bytes() == before
    assert [one.name for one in db.parent.iterdir()] == ["runs.csv"]


@pytest.mark.parametrize("path", [".", "none/rows.csv"])
def test_an_output_without_a_place_is_refused_before_the_query(store, path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = call("query", "no sql", "--db", store, "--output", path)
    assert result.exit_code == 1
    assert result.stderr == f"Error: cannot write {path}: name a file in a folder that exists\n"


def test_an_output_is_whole_or_not_at_all(store, tmp_path, small_files):
    path = tmp_path / "rows.csv"
    path.write_text("old")
    words = ("query", "from range(1000)", "--format", "csv", "--db", store, "--output", path)
    with small_files(1000):
        result = call(*words)
    assert result.stderr == f"Error: cannot write {path} (File too large): name another file\n"
    assert [one.read_text() for one in tmp_path.iterdir()] == ["old"]
    path.chmod(0o640)
    (tmp_path / "link").symlink_to(path)
    assert call(*words[:-1], tmp_path / "link").exit_code == 0
    assert path.read_text().count("\n") == 1001
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert (tmp_path / "link").is_symlink()
    assert len(list(tmp_path.iterdir())) == 2


def test_a_pipe_whose_reader_has_enough_is_no_mistake(store, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    words = ("query", "from range(300000)", "--db", store, "--format", "csv", "--output")
    with subprocess.Popen(["head", "-c", "5", tmp_path / "pipe"], stdout=subprocess.PIPE) as reader:
        assert ended((*words, tmp_path / "pipe")) == (0, "")
        assert reader.stdout.read() == b"range"


@pytest.mark.slow
def test_notes_that_nobody_reads_stop_no_study(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = ["--n-train", "40", "--n-test", "20", "--epochs", "1", "--k", "4", "--width", "4,4"]
    assert ended(("train", "circles", *settings), "2> /dev/full") == (0, "")
    assert len(geoflow.open("geoflow.duckdb").networks()) == 1


def test_a_cell_without_end_is_cut_in_a_table_alone(store):
    words = ("query", "select repeat('x', 70000) as x, 'end' as y", "--db", store)
    said = call(*words).stdout
    assert said.count("\n") == 5
    assert "... (70000 characters)" in said
    assert "end" in said
    assert call(*words, "--format", "csv").stdout == f"x,y\n{'x' * 70000},end\n"


def test_an_output_that_cannot_be_looked_at_is_named(store, tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for path, why in ((tmp_path / "loop", "links"), (tmp_path / ("n" * 300), "File name too long")):
        done = call("query", "select 1", "--db", store, "--output", path)
        assert done.exit_code == 1
        assert re.search(f"cannot write .*{why}.*: name another file", done.stderr), done.stderr


def test_a_pipe_may_be_the_output(store, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    words = ("query", "select 7 as x", "--format", "csv", "--db", store, "--output")
    got = []
    thread = threading.Thread(target=lambda: got.append((tmp_path / "pipe").read_text()))
    thread.start()
    assert call(*words, tmp_path / "pipe").exit_code == 0
    thread.join()
    assert got == ["x\n7\n"]
    log = tmp_path / "log"
    log.write_text("before\n")
    assert ended((*words, "/dev/stdout"), f">> {log}") == (0, "")
    assert log.read_text() == "before\nx\n7\n"


def printed(result):
    """The lines of both streams, with nothing in them that does not print."""
    lines = (result.stdout + result.stderr).split("\n")
    assert all(line.isprintable() for line in lines)
    assert not any(line.startswith("Error: forged") for line in lines)
    return lines


def test_no_name_moves_the_screen(evil, tmp_path):
    for words in (("networks",), ("networks", "--format", "markdown"), ("show", EVIL)):
        lines = printed(call(*words, "--db", evil))
        assert any(SEEN.replace("|", r"\|" if "markdown" in words else "|") in one for one in lines)
    for words in (("show", EVIL + "?"), ("networks", "--dataset", EVIL + "?")):
        assert any(SEEN in line for line in printed(call(*words, "--db", evil)))
    assert any(SEEN in line for line in printed(call("views", EVIL)))
    for words in ((EVIL,), ("query", "select 1", "--format", EVIL), ("networks", f"--{EVIL}")):
        assert printed(call(*words))
    assert printed(call("query", "from networks", "--db", tmp_path / EVIL))
    assert printed(call("export", tmp_path / EVIL.replace("<b>", ""), "runs", "--db", evil))
    assert (tmp_path / EVIL.replace("<b>", "") / "runs.parquet").is_file()


def test_wrong_usage_keeps_the_lines_of_click():
    assert "\nCommands:\n" in call("study").stderr
    result = call("ingest")
    assert result.exit_code == 2
    usage = "Usage: main ingest [OPTIONS] FILE\nTry 'main ingest -h' for help.\n\nError: Missing"
    assert result.stderr.startswith(usage)


def test_what_is_ingested_is_said_escaped(tmp_path, layers_of, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.savez("mine.npz", **layers_of(0, 30, (4, 3, 3)))
    words = (
        "ingest",
        tmp_path / "mine.npz",
        "--k",
        4,
        "--db",
        tmp_path / "g.duckdb",
        "--name",
        EVIL,
    )
    lines = printed(call(*words))
    assert any(line.startswith(f"Network '{SEEN}'") for line in lines)
    assert any(line.startswith("1/1 network") for line in lines)
    assert any(line.startswith(f"Next:  geoflow show {SEEN}") for line in lines)


def test_data_stay_exact_but_for_a_terminal(evil):
    words = ("query", "select name from networks", "--db", evil, "--format")
    text = call(*words, "csv").stdout_bytes.decode()
    assert list(csv.reader(io.StringIO(text, newline=""))) == [["name"], [EVIL]]
    for kind in ("json", "jsonl"):
        text = call(*words, kind).stdout_bytes.decode()
        assert text.strip("\n").isprintable()
        assert json.loads(text) == ([{"name": EVIL}] if kind == "json" else {"name": EVIL})


def at_a_terminal(code, *words):
    """Return what a process writes to a terminal that is its three streams."""
    screen, end = pty.openpty()
    env = os.environ | {"COLUMNS": "200", "TERM": "xterm"}
    with subprocess.Popen(
        [sys.executable, "-c", code, *map(str, words)], stdin=end, stdout=end, stderr=end, env=env
    ):
        os.close(end)
        said = b""
        while True:
            try:
                part = os.read(screen, 1 << 16)
            except OSError:  # what Linux says at the end
                break
            if not part:
                break
            said += part
    os.close(screen)
    return said.decode()


def test_csv_at_a_terminal_is_escaped(evil):
    sql = 'select name as "a\x1b" from networks'
    said = at_a_terminal(PROGRAM, "query", sql, "--db", evil, "--format", "csv")
    assert said.replace("\r\n", "\n") == f"a\\x1b\n{SEEN}\n"


@pytest.mark.parametrize(
    "code",
    [
        "from geoflow.cli.progress import progress\n"
        "with progress(2, 'networks') as advance: advance(1, name)",
        "from geoflow.cli.download import download_bar\n"
        "with download_bar(name) as bar: bar.update(1)",
    ],
)
def test_progress_at_a_terminal_has_no_markup_of_names(code):
    said = at_a_terminal(f"name = {EVIL!r}\n{code}")
    plain = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", said)
    assert "x\\x1b[31m\\nError: forged" in plain
    assert "[red]|<b>" in plain
    assert not set("\x1b\x7f\x85\u2028\u202e\ufeff") & set(plain)


def test_all_that_is_printed_goes_through_one_module():
    folder = Path(output.__file__).parent
    others = [path for path in folder.rglob("*.py") if path.name != "output.py"]
    assert len(others) > 8
    for path in others:
        found = re.findall(
            r"click\.s?echo\b|\bprint\(|sys\.std(?:out|err)\.\w*write", path.read_text()
        )
        assert not found, path


MISTAKE = """
import click
from geoflow.cli import main
@main.command()
def fail():
    {}
main()
"""
OURS = "This is a bug in geoflow: run `geoflow --debug ...` for the traceback, and report it"


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("{}['x']", f"KeyError ('x'). {OURS}"),
        ("raise AssertionError", f"AssertionError. {OURS}"),
        ("raise MemoryError", "memory ran out: use fewer points, or less at once"),
        ("fail.callback()", "the input is nested too deep to be read: write it with fewer levels"),
        ("open('/none')", "/none (No such file or directory)"),
        ("import os; os.write(99, b'x')", "the system says (Bad file descriptor)"),
    ],
)
def test_no_traceback_for_what_nobody_foresaw(statement, said):
    assert ended(["fail"], "", MISTAKE.format(statement)) == (1, f"Error: {said}\n")


def test_a_panic_of_polars_is_a_line_too():
    panic = "import polars as pl; pl.Series([2**31 - 1]).cast(pl.Date).to_list()"
    status, said = ended(["fail"], "", MISTAKE.format(panic))
    assert status == 1
    assert said.splitlines()[-1].startswith("Error: PanicException (")
    assert "Traceback" not in said


def test_debug_tells_the_whole_story(tmp_path):
    status, said = ended(["--debug", "fail"], "", MISTAKE.format("{}['x']"))
    assert (status, said.count("Traceback"), said.count("KeyError")) == (1, 1, 2)
    hidden = """exec("try: {}['x']\\nexcept KeyError: raise TypeError from None")"""
    status, said = ended(["--debug", "fail"], "", MISTAKE.format(hidden))
    assert (status, said.count("Traceback")) == (1, 2)
    result = call("--debug", "networks", "--db", tmp_path / "none.duckdb")
    assert result.exit_code == 1
    assert result.stderr.startswith("Traceback")
    assert result.stderr.splitlines()[-1].startswith("Error: no store at")


def test_exact_types_reach_python_and_every_format(store):
    db = geoflow.open(store)
    frame = db.query("select 340282366920938463463374607431768211455::uhugeint as x, sum(2) as s")
    assert frame.row(0) == (2**128 - 1, 2)
    assert frame.dtypes == [pl.UInt128, pl.Int64]
    types = db.query("from test_all_types()")
    for file_format in output.FORMATS:
        words = ("query", "from test_all_types()", "--db", store, "--format", file_format)
        assert call(*words).exit_code == 0
    assert types["uhugeint"].to_list() == [0, 2**128 - 1, None]
    assert types["date"].to_list() == ["5877642-06-25 (BC)", "5881580-07-10", None]
    assert types["interval"].to_list()[1] == "83 years 3 months 999 days 00:16:39.999999"
    assert types["bit"].to_list()[1] == "10101"
    assert types["time_tz"].to_list()[1] == "24:00:00-15:59:59"
    assert types["blob"].to_list()[1] == b"\x00\x00\x00a"


def test_columns_of_one_name_get_a_number(store):
    frame = geoflow.open(store).query("select 1 as a, 2 as a, 3 as a_1")
    assert frame.to_dicts() == [{"a": 1, "a_1": 2, "a_1_1": 3}]


def test_order_is_kept_where_a_column_is_cast(store):
    sql = "select n::hugeint as n, n * interval 1 day as t from range(50000) s(n) order by n desc"
    assert geoflow.open(store).query(sql)["n"].to_list() == list(range(49_999, -1, -1))


def test_volatile_columns_are_computed_once(store):
    random = "select timestamp '2020-01-01' + random() * interval 1 day as t"
    sql = f"select t, t::varchar as s from ({random} union all select 'infinity'::timestamp)"
    frame = geoflow.open(store).query(sql)
    assert frame["t"].to_list() == frame["s"].to_list()


def test_numbers_that_json_has_not_are_null(store):
    words = ("query", "select 'nan'::double as a, ['inf'::float] as b", "--db", store, "--format")
    assert json.loads(call(*words, "json").stdout) == [{"a": None, "b": [None]}]
    assert call(*words, "csv").stdout == "a,b\nNaN,[null]\n"
