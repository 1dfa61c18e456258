"""The page of a report and its command: one file, true to its SQL, that needs no network."""

import json
import re
import subprocess
import sys
from html.parser import HTMLParser

import duckdb
import numpy as np
import pytest
from click.testing import CliRunner
from report_store import KINDS, OWN, SPEC, STUDY, build_store, members

import geoflow
from geoflow.cli import main
from geoflow.errors import GeoflowError, SpecError
from geoflow.report import study_report
from geoflow.specs import GeometrySpec
from geoflow.text.shown import shown as shown_text


@pytest.fixture(scope="module")
def home(tmp_path_factory, write):
    """A folder with a store of two studies, and with the TOML file of the first."""
    return build_store(tmp_path_factory.mktemp("report"), write)


@pytest.fixture(scope="module")
def db(home):
    with geoflow.open(home / "g.duckdb").held() as held:
        yield held


@pytest.fixture(scope="module")
def spec(home):
    return str(home / f"{STUDY}.toml")


@pytest.fixture(scope="module")
def html(home, spec):
    study_report(spec, home / "g.duckdb", home / "page.html")
    return (home / "page.html").read_text("utf-8")


class Page(HTMLParser):
    """The tags and attributes of a page, and its exhibits as [title, SQL, table, figure's id]."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.exhibits, self.scripts = set(), [], [], []
        self.texts, self.inside, self.headers = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += [(tag, *one) for one in attrs]
        if tag == "h4":
            self.exhibits.append({"title": "", "sql": "", "rows": [], "figure": None})
        if dict(attrs).get("class") == "plotly-graph-div":
            self.exhibits[-1]["figure"] = dict(attrs)["id"]
        if tag == "tr":
            self.exhibits[-1]["rows"].append([])
        if tag not in ("meta",):
            self.inside.append(tag)

    def handle_endtag(self, tag):
        assert self.inside.pop() == tag

    def handle_data(self, data):
        inside = self.inside[-1] if self.inside else ""
        if inside == "script":
            self.scripts.append(data)
            return
        self.texts.append(data)
        if inside in ("h4", "pre"):
            self.exhibits[-1]["title" if inside == "h4" else "sql"] += data
        if inside in ("td", "th"):
            self.exhibits[-1]["rows"][-1].append(data)
        if inside == "h2":
            self.headers.append(data)


@pytest.fixture(scope="module")
def page(html):
    found = Page(html)
    assert found.inside == []
    return found


def drawn(page, name):
    """Return the traces and the layout of a figure, from the script that draws it."""
    (script,) = (text for text in page.scripts if f'"{name}"' in text and len(text) < 1_000_000)
    start = script.index("[{", script.index("Plotly.newPlot("))
    traces, end = json.JSONDecoder().raw_decode(script, start)
    return traces, json.JSONDecoder().raw_decode(script, script.index("{", end))[0]


def test_every_sql_block_runs_and_gives_what_its_figure_or_table_shows(page, db):
    kinds = set()
    for exhibit in page.exhibits:
        rows = db.query(exhibit["sql"])
        assert not rows.is_empty()
        if exhibit["figure"] is None:
            shown = exhibit["rows"]
            if exhibit["title"] != "Headline":
                assert shown[0] == rows.columns
                assert len(shown) - 1 == rows.height
                first = rows.row(0, named=True)
                for name, text in zip(shown[0], shown[1], strict=True):
                    value = first[name]
                    if isinstance(value, int | float):
                        assert float(text.replace(",", "")) == pytest.approx(value, rel=1e-3)
                    else:
                        assert text == ("-" if value is None else shown_text(value))
            else:
                assert len(shown) - 1 == rows["quantity"].n_unique()
            kinds.add("table")
            continue
        traces, _ = drawn(page, exhibit["figure"])
        kinds.add(traces[0]["type"])
        if traces[0]["type"] == "heatmap":
            found = [value for line in traces[0]["z"] for value in line if value is not None]
            known = rows["aggregated_ricci_coefficient"].drop_nulls()
            assert sorted(found) == known.sort().to_list()
        elif traces[0]["type"] == "box":
            found = [value for trace in traces for value in trace["y"]]
            assert sorted(found) == rows["ricci_coefficient"].sort().to_list()
        else:
            x, y = (
                ("total_forman", "eta")
                if "eta" in rows.columns
                else ("ricci_coefficient", "test_accuracy")
            )
            found = [pair for trace in traces for pair in zip(trace["x"], trace["y"], strict=True)]
            assert sorted(found) == sorted(rows.select(x, y).iter_rows())
    assert kinds == {"table", "heatmap", "scatter", "box"}


def test_each_convention_has_its_part(page):
    assert page.headers == [f"{STUDY}, directed graphs", f"{STUDY}, union graphs"]
    directed = [one for one in page.exhibits if "'directed'" in one["sql"]]
    union = [one for one in page.exhibits if "'union'" in one["sql"]]
    assert len(union) == len(directed) > 1
    assert len(directed) + len(union) + 1 == len(page.exhibits)


def test_without_local_geometry_there_is_no_word_of_it(page, db):
    assert db.view("community_structure").is_empty()
    assert page.exhibits[0]["title"] == "Headline"
    assert [one for one in page.texts if "ocal" in one] == []


def test_the_page_loads_nothing_from_elsewhere(page, html):
    for tag, name, value in page.attributes:
        if name in ("src", "href", "srcset", "data", "action", "poster"):
            assert value.startswith("#"), (tag, name, value)
    assert not page.tags & {"link", "iframe", "img", "object", "embed", "base"}
    (policy,) = (value for _, _, value in page.attributes if "default-src" in (value or ""))
    allowed = [part.split()[1:] for part in policy.split(";")]
    assert {source for part in allowed for source in part} <= {
        "'none'",
        "'unsafe-inline'",
        "data:",
        "blob:",
    }
    assert len([text for text in page.scripts if len(text) > 1_000_000]) == 1
    figures = [one for one in page.exhibits if one["figure"]]
    assert html.count('"showSendToCloud": false') == len(figures)
    assert "import(" not in "".join(text for text in page.scripts if len(text) < 1_000_000)


def test_names_are_text_and_never_html(page):
    assert not page.tags & {"b", "i", "data"}
    assert any(STUDY in text for text in page.texts)
    assert any(text == shown_text(OWN) for text in page.texts)
    figures = [json.dumps(drawn(page, one["figure"])) for one in page.exhibits if one["figure"]]
    assert not [text for text in figures if re.search("<(?!br>|extra>|/extra>)", text)]
    assert any("&lt;data&gt;" in text for text in figures)
    assert any("un&lt;i&gt;trained" in text for text in figures)


def test_the_same_store_gives_the_same_page(html, spec, home):
    study_report(spec, home / "g.duckdb", home / "twin.html")
    assert (home / "twin.html").read_text("utf-8") == html


def test_a_study_of_other_data_sets_has_no_column_of_the_paper(write, tmp_path):
    rng = np.random.default_rng(5)
    networks = list(members(rng, "rings", "circles", KINDS[:1]))
    write(
        tmp_path / "g.duckdb",
        "circles",
        rng.normal(size=(40, 3)),
        networks,
        GeometrySpec((20,), detail="graphs"),
        study="rings",
    )
    (tmp_path / "rings.toml").write_text(SPEC)
    made = study_report(
        str(tmp_path / "rings.toml"), tmp_path / "g.duckdb", tmp_path / "rings.html"
    )
    assert made.headline.columns == ["quantity", "rings"]
    assert "study run controls" in (tmp_path / "rings.html").read_text("utf-8")


def call(*words):
    result = CliRunner().invoke(main, ["study", "report", *map(str, words)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_the_command_prints_the_headline_and_writes_beside_the_reader(home, spec, monkeypatch):
    monkeypatch.chdir(home)
    result = call(spec, "--db", "g.duckdb")
    assert result.exit_code == 0
    line = next(line for line in result.stdout.splitlines() if "below threshold" in line)
    assert [part.strip() for part in line.strip("│").split("┆")] == [
        "below threshold",
        "6",
        "6",
        "151",
    ]
    assert "93.2 %" in result.stdout
    assert (home / f"{STUDY}-report.html").stat().st_size > 1e6
    rows = json.loads(call(spec, "--db", "g.duckdb", "--format", "json").stdout)
    assert rows[0] == {
        "quantity": "networks",
        f"{STUDY} directed": 20.0,
        f"{STUDY} union": 20.0,
        "published": 1512.0,
    }


def test_variants_that_are_not_in_the_store_are_named(home, copied_as):
    db = copied_as("grid/one")
    (home / "grid.toml").write_text(SPEC + "[variants.one]\n[variants.two]\nreplicas = 2\n")
    made = study_report(str(home / "grid.toml"), db, home / "grid.html")
    assert made.missing == ("grid/two",)
    assert made.headline.columns[1] == "grid/one directed"
    assert "Not in the store: grid/two" in (home / "grid.html").read_text("utf-8")


@pytest.fixture
def copied_as(home, tmp_path):
    """Return a function that copies the store with another name for the study."""

    def copy(name):
        db = tmp_path / "copy.duckdb"
        db.write_bytes((home / "g.duckdb").read_bytes())
        with duckdb.connect(str(db)) as connection:
            connection.execute(
                "update networks set study = $name where study = $study",
                {"name": name, "study": STUDY},
            )
        return db

    return copy


def test_the_default_file_has_no_slash_of_a_variant(home, copied_as, monkeypatch, tmp_path):
    db = copied_as("grid/one")
    (home / "grid.toml").write_text(SPEC + "[variants.one]\n")
    monkeypatch.chdir(tmp_path)
    assert call(home / "grid.toml", "--db", db).exit_code == 0
    assert (tmp_path / "grid-one-report.html").is_file()


def test_mistakes_are_one_line(home, spec, tmp_path):
    db = home / "g.duckdb"
    for words, said in (
        (("quickstart", "--db", db), "run `geoflow study run quickstart` first"),
        (("fidelity", "--db", db), "run `geoflow study run fidelity` first"),
        (("quickstrat", "--db", db), "did you mean 'quickstart'"),
        ((spec, "--db", tmp_path / "none.duckdb"), "no store at"),
        ((spec, "--db", db, "--output", tmp_path / "no" / "a.html"), "cannot write"),
        ((spec, "--db", db, "--output", tmp_path), "cannot write"),
        ((spec, "--db", db, "--output", db / "a.html"), "cannot write"),
    ):
        result = call(*words)
        assert result.exit_code == 1, words
        assert result.stdout == ""
        assert len(result.stderr.splitlines()) == 1
        assert said in result.stderr
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(GeoflowError):
        study_report("quickstart", db, tmp_path / "a.html")


def test_names_are_text_that_prints_in_words_sql_and_figures(html, page):
    body = html[html.index("<body>") :]
    assert all(line.isprintable() for line in body.split("\n"))
    assert any(exhibit["title"] == shown_text(OWN) for exhibit in page.exhibits)
    assert any("chr(27)" in exhibit["sql"] for exhibit in page.exhibits)
    labels = [script for script in page.scripts if "Plotly.newPlot" in script[:10_000]]
    assert any(r"own &lt;data&gt;\\x1b[31m\\u202e" in script for script in labels)


def test_a_write_that_fails_half_way_leaves_the_old_file(home, spec, tmp_path, small_files):
    path = tmp_path / "a.html"
    path.write_text("old")
    with small_files(100_000), pytest.raises(SpecError, match="File too large"):
        study_report(spec, home / "g.duckdb", path)
    assert [one.read_text() for one in tmp_path.iterdir()] == ["old"]


def test_plotly_waits_until_a_report_is_made():
    code = "import sys, geoflow.cli; print('plotly' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
