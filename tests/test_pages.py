"""Every page is true: its blocks run, its tables are made anew, its links lead somewhere."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from pages import MADE, PACKAGE, ROOT, SECTIONS, blocks, filled, pages
from picture import PICTURE, picture, store
from small_vision import usable_torchvision

import geoflow
from geoflow.cli import main
from geoflow.specs import CONVENTIONS, CURVATURES, DatasetSpec, Recipe, TransportSpec
from geoflow.specs.studyfile import study_spec
from geoflow.store._sqlfiles import relations
from geoflow.study import run_study, train

README = ROOT / "README.md"
NAMES = [path.relative_to(ROOT).as_posix() for path in pages()]
TEXTS = {name: (ROOT / name).read_text("utf-8") for name in NAMES}
RUN = "python|bash|sql|toml"
NEEDS_FILES, NEEDS_RIPSER, NEEDS_VISION = "bash mnist", "python topology", "python torchvision"


def those(kinds):
    return [name for name in NAMES if blocks(TEXTS[name], kinds)]


@pytest.fixture(scope="module")
def ready(tmp_path_factory):
    """A store with the networks that pages ask for, trained for less long."""
    path = tmp_path_factory.mktemp("pages") / "geoflow.duckdb"
    quick, points = study_spec("quickstart"), study_spec("quickstart_local")
    datasets = tuple(
        replace(one, threshold=None, k=(8, 16, 20), recipe=replace(one.recipe, epochs=3))
        for one in quick.datasets[:2]  # the third has five times the points
    )
    run_study(replace(quick, datasets=datasets, replicas=2), path)
    local = replace(
        points,
        datasets=tuple(replace(one, recipe=Recipe(epochs=1)) for one in points.datasets[:2]),
        architectures=points.architectures[:1],
        replicas=1,
        curvatures=("augmented_forman",),
        snapshots=(),
    )
    run_study(local, path)
    circles = DatasetSpec("circles", n_train=60, n_test=50)
    moved = TransportSpec(n_points=20)
    short = Recipe(epochs=1)
    train(circles, "6,6,6", path, k=[8], replicas=4, recipe=short, transport=moved)
    return path


@pytest.fixture
def folder(ready, tmp_path, monkeypatch):
    """A folder of its own with the store, to stand in; no setting of geoflow is made."""
    shutil.copy(ready, tmp_path / "geoflow.duckdb")
    for name in os.environ:
        if name.startswith("GEOFLOW_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)  # as for who runs Python here
    return tmp_path


def run_shell(code):
    """Run lines of a shell: plain commands of geoflow in this process, which has it imported."""
    for line in code.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        words = list(lexer)
        if words[:1] == ["geoflow"] and not {"|", "&", ";", "<", ">"} & {
            word[:1] for word in words
        }:
            done = CliRunner().invoke(main, words[1:])
            assert done.exit_code == 0, f"{line}\n{done.output}"
            if words[1] == "query":
                assert geoflow.open("geoflow.duckdb").query(words[2]).height > 0, line
        elif words:
            subprocess.run(["bash", "-euo", "pipefail", "-c", line], check=True, timeout=300)


def run_block(kind, code):
    """Run a block; one that starts with the name of a file is what the file says."""
    file = re.match(r"# ([a-z_]+\.(?:py|toml)):", code)
    if file:
        Path(file[1]).write_text(code, "utf-8")
    elif kind == "bash":
        run_shell(code)
    elif kind == "python":
        exec(compile(code, "a page", "exec"), {"__name__": "__main__"})
    else:
        assert kind == "sql", "a TOML block starts with the name of its file"
        assert geoflow.open("geoflow.duckdb").query(code).height > 0, code


@pytest.mark.parametrize("name", those(RUN))
def test_the_blocks_of_a_page_run_in_their_order(folder, name):
    for kind, code in blocks(TEXTS[name], RUN):
        run_block(kind, code)
    rows = geoflow.open("geoflow.duckdb").query("select name from networks")
    networks = rows["name"].to_list()
    for made in LEAVES.get(name, ()):
        assert Path(made).exists() or made in networks, f"{name} makes no {made}"


LEAVES = {
    "README.md": ("cnn", "mine", "scored", "mine.npz", "report.html", "rings/circles-16-4-0"),
    "geoflow/archive/README.md": ("in_python",),
    "geoflow/capturing/README.md": ("blocks", "two_of_them", "by_command", "reader"),
    "geoflow/cli/README.md": ("tables/ricci_coefficients.csv", "tables/flow_steps.csv"),
    "geoflow/scores/README.md": ("my_scores.py", "moved/circles-16-4-0"),
    "geoflow/study/README.md": ("both.duckdb",),
    "geoflow/specs/README.md": ("mine.toml", "mine/inner_discs-narrow-3-1"),
}
"""Files and networks that the blocks of a page make."""


QUESTIONS = "sql/questions/README.md"
TOLD_APART = {"study", "convention", "start", "curvature", "alpha"}
"""Columns whose values are never mixed."""
ONE_NETWORK = "quickstart/digits_3v8-"


@pytest.mark.parametrize("sql", [code for _, code in blocks(TEXTS[QUESTIONS], "sql")])
def test_a_question_names_the_study_the_convention_and_what_else_is_told_apart(sql):
    known = {file.name: file for file in relations() if file.is_readable}
    read = set(re.findall(r"\b(?:from|join) (\w+)", sql)) & known.keys()
    columns = set().union(*(known[name].columns for name in read)) & TOLD_APART
    columns -= {"study"} if ONE_NETWORK in sql else set()
    if re.search(r"\b(edges_of|shortest_path)\(", sql):
        columns |= {"convention"}
    assert columns or ONE_NETWORK in sql
    asked = sql[sql.index("where ") :] if "where " in sql else ""
    for column in columns:
        named = rf"\b{column}(, '\w+'\))? (=|:=|is null)"
        assert re.search(named, asked if ":=" not in sql else sql), column


def test_every_block_is_of_a_kind_that_is_run():
    known = {"", "setup", NEEDS_FILES, NEEDS_RIPSER, NEEDS_VISION, *RUN.split("|")}
    for name, text in TEXTS.items():
        fences = re.findall(r"^```(.*)$", text, re.MULTILINE)
        assert len(fences) % 2 == 0, name
        assert set(fences[::2]) <= known, name
        assert set(fences[1::2]) <= {""}, name
    assert sum(len(blocks(text, RUN)) for text in TEXTS.values()) > 20


@pytest.mark.parametrize("name", those(NEEDS_FILES))
def test_blocks_that_need_data_files_run_on_the_real_ones(folder, name, monkeypatch):
    data = os.environ.get("GEOFLOW_DATA") or DATA
    if not data or not (Path(data) / "mnist").is_dir():
        pytest.skip("GEOFLOW_DATA does not name a folder with mnist/")
    (folder / "data").mkdir()
    (folder / "data" / "mnist").symlink_to((Path(data) / "mnist").resolve())
    for _, code in blocks(TEXTS[name], NEEDS_FILES):
        run_shell(code)
    assert "mnist_1v7" in geoflow.open("geoflow.duckdb").networks()["dataset"].to_list()


@pytest.mark.parametrize("name", those(NEEDS_RIPSER))
def test_blocks_that_need_an_extra_run_where_it_is(folder, name):
    pytest.importorskip("ripser", reason="ripser, of the extra topology, is not installed")
    for _, code in blocks(TEXTS[name], NEEDS_RIPSER):
        run_block("python", code)


@pytest.mark.parametrize("name", those(NEEDS_VISION))
def test_blocks_that_need_torchvision_run_where_it_is(folder, name):
    if usable_torchvision() is None:
        pytest.skip("torchvision is not installed")
    for _, code in blocks(TEXTS[name], NEEDS_VISION):
        run_block("python", code)
    layers = geoflow.open("geoflow.duckdb").query("from captured_layers order by layer")
    assert layers["path"].to_list() == [f"layer{at}.{to}" for at in (1, 2, 3, 4) for to in (0, 1)]


DATA = os.environ.get("GEOFLOW_DATA")
"""Before the fixture takes it away."""


@pytest.mark.parametrize("name", [name for name in NAMES if MADE.search(TEXTS[name])])
def test_the_tables_of_a_page_are_those_that_are_made(name):
    assert filled(TEXTS[name]) == TEXTS[name], "run python tests/pages.py"


def test_every_table_that_can_be_made_stands_on_a_page():
    made = {found[1] for text in TEXTS.values() for found in MADE.findall(text)}
    assert made == set(SECTIONS)


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_to_files(name):
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", TEXTS[name])
    for link in links:
        if not link.startswith("https://"):
            assert ((ROOT / name).parent / link).exists(), link


def test_every_page_is_reached_from_the_readme():
    reached, waiting = set(), [README]
    while waiting:
        page = waiting.pop()
        if page not in reached:
            reached.add(page)
            links = re.findall(r"\]\(([^)#\s]+\.md)\)", page.read_text("utf-8"))
            waiting += [(page.parent / link).resolve() for link in links if "://" not in link]
    assert set(pages()) <= reached


def test_the_readme_is_for_a_tired_reader():
    assert len(TEXTS["README.md"].splitlines()) <= 250


def test_there_are_exactly_two_set_up_lines_and_ci_runs_them():
    lines = [line for _, block in blocks(TEXTS["README.md"], "setup") for line in block.split("\n")]
    lines = [line for line in lines if line]
    assert len(lines) == 2
    assert "geoflow study run quickstart" in lines[0]
    assert "pytest" in lines[1]
    assert "^```setup$" in (ROOT / ".ci" / "run").read_text("utf-8")


def test_curvatures_and_conventions_are_all_described():
    page = TEXTS["geoflow/geometry/README.md"]
    for name in (*CURVATURES, *CONVENTIONS):
        assert f"| `{name}` |" in page


def test_every_file_of_the_newcomers_walk_is_there():
    walk = TEXTS["geoflow/README.md"]
    named = re.findall(r"`((?:geoflow|sql|tests)/[\w/.]+)`", walk)
    assert len(named) > 5
    for name in named:
        assert (ROOT / name).exists(), name


def test_studies_with_findings_have_their_page_beside_them():
    for path in (PACKAGE / "specs" / "studies").glob("*.md"):
        assert path.stem == "README" or path.with_suffix(".toml").is_file()


def test_the_picture_is_what_its_command_draws(tmp_path):
    """Processors round differently: of places, a tenth may be elsewhere."""
    drawn, kept = picture(*store(tmp_path)), PICTURE.read_text("utf-8")
    assert len(kept) < 60_000
    shapes = [re.sub(r"\d+", "0", re.sub(r' d="[^"]*"', "", text)) for text in (drawn, kept)]
    assert shapes[0] == shapes[1]
    dots = [re.findall(r"M(\d+) (\d+)h0", text) for text in (drawn, kept)]
    assert len(dots[0]) == len(dots[1]) > 500
    near = [
        abs(int(a) - int(c)) + abs(int(b) - int(d)) <= 10
        for (a, b), (c, d) in zip(*dots, strict=True)
    ]
    assert sum(near) > 0.9 * len(near)
