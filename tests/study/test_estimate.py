"""What a study will take is said before it starts, about right, and refused where it cannot be."""

import re
import time
from dataclasses import replace

import pytest
from click.testing import CliRunner

from geoflow.cli import main
from geoflow.errors import SpecError
from geoflow.machine.memory import free_memory, size_text
from geoflow.specs import (
    DatasetSpec,
    Recipe,
    StudyDataset,
    StudySpec,
    TransportSpec,
    architecture,
)
from geoflow.specs.studyfile import study_spec, study_specs
from geoflow.study._cells import cells
from geoflow.study._cost import cost_of
from geoflow.study._estimate import Estimate, estimate, in_time, refuse_beyond
from geoflow.study._listener import Listener
from geoflow.study.run import run_study

KNOWN = {  # seconds on 2 cores, bytes of the store, of all processes; their findings
    "quickstart": (23, 33e6, 1.6e9),
    "quickstart_local": (164, 199e6, 2.1e9),
    "paper": (3291, 2.85e9, 3.19e9),
    "transport": (703, None, None),
}


@pytest.mark.parametrize("name", KNOWN)
def test_estimates_are_about_what_the_shipped_studies_took(name):
    seconds, disk, memory = KNOWN[name]
    whole = [(cell, 0) for study in study_specs(name) for cell in cells(study)]
    found = estimate(whole, jobs=2, cores=2)
    assert seconds / 3 < found.seconds < 3 * seconds
    if disk is not None:
        assert disk / 2 < found.disk < 2 * disk
        assert memory / 2 < found.memory < 2 * memory


CIRCLES = StudyDataset(
    DatasetSpec("circles", n_train=100, n_test=400), (10, 20), recipe=Recipe(epochs=1)
)
SMALL = StudySpec("small", (CIRCLES,), (architecture("8", 6),), 4)


@pytest.mark.parametrize(
    "changes",
    [
        {"detail": "edges", "convention": ("union",), "curvatures": ("forman", "ollivier")},
        pytest.param({"detail": "pairs"}, marks=pytest.mark.slow),
        pytest.param(
            {"transport": TransportSpec(n_points=200), "replicas": 2, "snapshots": (0,)},
            marks=pytest.mark.slow,
        ),
    ],
    ids=str,
)
def test_a_store_is_about_as_large_as_it_was_said_to_be(tmp_path, changes):
    study, told = replace(SMALL, **changes), []
    run_study(study, tmp_path / "a.duckdb", listener=Listener(announce=told.append))
    (found,) = told
    assert (found.n_networks, found.n_cells, found.n_there) == (study.replicas, 1, 0)
    assert found.disk / 2 < (tmp_path / "a.duckdb").stat().st_size < 2 * found.disk


@pytest.mark.parametrize(
    "changes",
    [
        {"replicas": 8},
        {"snapshots": (0,)},
        {"convention": ("directed", "union")},
        {"convention": ("union",), "curvatures": ("ollivier",)},
        {"architectures": (architecture("8", 12),)},
        {"architectures": (architecture("200", 6),)},
        {"transport": TransportSpec()},
        {"datasets": (replace(CIRCLES, k=(10, 20, 40)),)},
        {"datasets": (replace(CIRCLES, dataset=DatasetSpec("circles", n_test=4000)),)},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_asks_for_more_takes_more(changes):
    (little,), (more,) = cells(SMALL), cells(replace(SMALL, **changes))
    before, after = cost_of(little, 4), cost_of(more, more.study.replicas)
    assert after.training + after.geometry > before.training + before.geometry
    assert after.memory > before.memory
    assert after.disk > before.disk or "architectures" in changes


def test_detail_takes_disk():
    found = [
        cost_of(next(cells(replace(SMALL, detail=detail))), 4).disk
        for detail in ("graphs", "nodes", "edges", "pairs")
    ]
    assert found == sorted(set(found))


def test_cells_side_by_side_take_memory_and_save_time():
    whole = [(cell, 0) for cell in cells(study_spec("quickstart"))]
    one, two = (estimate(whole, jobs, cores=2) for jobs in (1, 2))
    assert two.memory > 1.5 * one.memory
    assert two.seconds < one.seconds
    assert two.disk == one.disk
    assert estimate(whole, 10**9, cores=2).memory < 13 * one.memory


def test_what_is_there_takes_nothing(tmp_path):
    path, told = tmp_path / "a.duckdb", []
    run_study(SMALL, path)
    for replicas in (4, 6):
        run_study(replace(SMALL, replicas=replicas), path, listener=Listener(announce=told.append))
    assert [one.n_there for one in told] == [4, 4]
    assert str(told[0]) == "4 networks in 1 cell, all there"
    assert (told[0].disk, told[0].memory, told[0].seconds) == (0, 0, 0)
    assert str(told[1]).startswith("6 networks in 1 cell, 4 there: about ")


LINE = r"72 networks in 12 cells, none there yet: about \d+ s, \d+ MB of disk, [\d.]+ GB of memory"


def test_the_command_says_it_in_one_line_before_it_starts(tmp_path):
    words = ["study", "status", "quickstart", "--db", str(tmp_path / "a.duckdb")]
    assert re.fullmatch(LINE, CliRunner().invoke(main, words).stderr.splitlines()[-1])
    words = ["train", "circles", "--width", "4", "--depth", "2", "--k", "5", "--epochs", "1"]
    done = CliRunner().invoke(main, [*words, "--db", str(tmp_path / "a.duckdb")])
    first, *others = done.stderr.splitlines()
    assert first.startswith("1 network in 1 cell, none there yet: about ")
    assert any(one.startswith("1/1 networks") for one in others)


BEYOND = {
    "replicas": "replicas = 1_000_000_000",
    "widths": 'widths = ["1000000000"]',
    "points": "all_datasets = { n_test = 2_000_000_000, n_train = 100 }",
    "training rows": "all_datasets = { n_train = 2_000_000_000 }",
    "places": "transport = { n_points = 2_000_000_000 }",
    "pairs": 'detail = "pairs"\nall_datasets = { n_test = 1_000_000 }',
    "layers": 'widths = ["2000"]\ndepths = [10_000]\nfamily = "dense"',
}
STUDY = """
{change}
{rest}
[[datasets]]
name = "circles"
k = [5]
"""


@pytest.mark.parametrize("name", BEYOND)
def test_what_this_machine_cannot_hold_is_refused_at_once(tmp_path, name):
    change = BEYOND[name]
    rest = "\n".join(one for one in ("widths = ['5']", "depths = [3]") if one[:6] not in change)
    path, db = tmp_path / "mine.toml", tmp_path / "a.duckdb"
    path.write_text(STUDY.format(change=change, rest=rest), "utf-8")
    started = time.process_time()
    done = CliRunner().invoke(main, ["study", "run", str(path), "--db", str(db)])
    assert time.process_time() - started < 1 + 3 * (name == next(iter(BEYOND)))  # what it imports
    assert done.exit_code == 1
    (line,) = done.stderr.splitlines()
    pattern = r"Error: study '.*mine.toml' would take about [\d.,]+ [MGTPE]B( or more)? of"
    pattern += " (memory|disk), but only "
    assert re.match(pattern + r"[\d.,]+ [MGTPE]B is free: give fewer", line), line
    assert list(tmp_path.iterdir()) == [path]


def test_one_study_of_python_is_refused_too(tmp_path):
    endless = replace(SMALL, replicas=10**9)
    with pytest.raises(SpecError, match=r"study .small. would take about .* of memory"):
        run_study(endless, tmp_path / "a.duckdb")


def test_both_figures_are_said():
    wanted = Estimate(2, 1, 0, 60.0, disk=4.1e10, memory=4.1e10)
    refuse_beyond("study 'a'", wanted, memory=4.2e10, disk=4.2e10)
    refuse_beyond("study 'a'", wanted, memory=None, disk=None)
    with pytest.raises(SpecError) as caught:
        refuse_beyond("study 'a'", wanted, memory=2.14e10, disk=9e10)
    assert str(caught.value) == (
        "study 'a' would take about 41 GB of memory, but only 21 GB is free: give fewer replicas"
        " or k, smaller widths or n_test, or fewer --jobs"
    )
    with pytest.raises(
        SpecError, match=r"about 41 GB of disk, but only 1.5 GB is free: give .* --db"
    ):
        refuse_beyond("study 'a'", wanted, memory=9e10, disk=1.5e9)


def test_units_are_those_of_people():
    assert [in_time(one) for one in (0.1, 119, 120, 7199, 7200, 1e9)] == [
        "1 s", "120 s", "2 minutes", "120 minutes", "2 hours", "12,000 days",
    ]  # fmt: skip
    assert [size_text(one) for one in (0, 9.6e8, 9.96e8)] == ["0 bytes", "960 MB", "1 GB"]


def test_free_memory_is_no_more_than_there_is():
    assert 10**6 < free_memory() < 10**14


@pytest.mark.slow
def test_networks_that_lack_what_is_asked_are_said_to_be_trained_again(tmp_path):
    path, told = tmp_path / "a.duckdb", []
    run_study(SMALL, path)
    more = replace(SMALL, detail="edges", replicas=6)
    run_study(more, path, listener=Listener(announce=told.append))
    assert (told[0].n_there, told[0].n_again) == (0, 4)
    line = "6 networks in 1 cell, 4 there, 4 to train again for what they lack: about "
    assert str(told[0]).startswith(line)
    run_study(more, path, listener=Listener(announce=told.append))
    assert str(told[1]) == "6 networks in 1 cell, all there"
