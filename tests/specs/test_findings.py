"""What was found with a study stands beside it, and `study show` prints it."""

import pytest
from click.testing import CliRunner

from geoflow.cli import main
from geoflow.errors import SpecError
from geoflow.specs.findings import MOST_PAGE_BYTES, findings, grid, title
from geoflow.specs.studyfile import SHIPPED, shipped, study_specs

OWN = """
title = "Mine"
widths = ["narrow"]
depths = [2]

[[datasets]]
name = "circles"
k = [5, 7]
"""


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(OWN, "utf-8")
    return path


def show(*words):
    return CliRunner().invoke(main, ["study", "show", *map(str, words)])


def test_most_shipped_studies_have_findings_and_they_are_those_of_the_page():
    found = {name for name in shipped() if findings(name)}
    assert found == {path.stem for path in SHIPPED.glob("*.md")} - {"README"}
    assert {"paper", "local", "transport", "quickstart"} <= found


@pytest.mark.parametrize("name", shipped())
def test_the_grid_has_all_networks(name):
    studies = study_specs(name)
    assert sum(row["networks"] for row in grid(studies)) == sum(one.n_networks for one in studies)


def test_show_prints_title_grid_and_findings():
    done = show("paper")
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[0] == title("paper") == "The 1,512 networks of Baptista et al. 2024"
    assert "fashion_sandal_v_boot" in done.stdout
    assert done.stdout.endswith(findings("paper"))


def test_a_study_of_ones_own_has_its_findings_beside_it(own):
    done = show(own)
    assert done.exit_code == 0
    assert "5, 7" in done.stdout
    assert "No findings are written" in done.stderr
    own.with_suffix(".md").write_text("# Found\nnothing \x1b[2J", "utf-8")
    done = show(own)
    assert "# Found\nnothing \\x1b[2J" in done.stdout
    assert done.stderr == ""


def test_findings_that_are_no_page_are_refused_in_a_line(own):
    page = own.with_suffix(".md")
    page.write_bytes(b"\xff\xfe")
    with pytest.raises(SpecError, match="not text in UTF-8: save it as UTF-8"):
        findings(str(own))
    page.write_bytes(b"a" * (MOST_PAGE_BYTES + 1))
    with pytest.raises(SpecError, match="more than 1,000,000 bytes"):
        findings(str(own))
    page.unlink()
    page.mkdir()
    with pytest.raises(SpecError, match="cannot be read"):
        findings(str(own))


def test_show_of_a_study_that_is_not_there_names_those_that_are():
    done = show("papre")
    assert done.exit_code == 1
    assert "paper" in done.stderr
