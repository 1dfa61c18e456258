"""A wheel works from any folder: SQL, catalogue and studies are inside it."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def run(command, folder, **env):
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    build = ["build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    run([sys.executable, "-m", *build], folder)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def geoflow(wheel, tmp_path_factory):
    """Return a function that runs the installed command, away from the repository."""
    site, folder = tmp_path_factory.mktemp("site"), tmp_path_factory.mktemp("elsewhere")
    install = ["pip", "install", "-q", "--no-deps", "--no-index", "--target", str(site)]
    run([sys.executable, "-m", *install, str(wheel)], folder)

    def command(*words, code="from geoflow.cli import main; main()"):
        return run([sys.executable, "-P", "-c", code, *words], folder, PYTHONPATH=str(site))

    where = command(code="import geoflow; print(geoflow.__file__)")
    assert Path(where.strip()).is_relative_to(site)
    return command


def test_every_sql_file_and_study_is_in_the_wheel(wheel):
    inside = set(zipfile.ZipFile(wheel).namelist())
    for path in (ROOT / "sql").glob("*/*.sql"):
        assert f"geoflow/{path.relative_to(ROOT).as_posix()}" in inside
    for path in (ROOT / "geoflow" / "specs" / "studies").iterdir():
        assert path.relative_to(ROOT).as_posix() in inside
    assert "geoflow/data/datasets.toml" in inside
    assert not [name for name in inside if name.startswith(("tests", "sql", "data"))]


def test_the_distribution_has_a_name_of_its_own_and_no_text_installs_the_other(wheel):
    """On PyPI ``geoflow`` is somebody else's."""
    assert wheel.name.startswith("geoflow_explorer-")
    texts = [ROOT / "README.md", ROOT / "pyproject.toml", *(ROOT / "geoflow").rglob("*.md")]
    texts += [*(ROOT / "geoflow").rglob("*.py"), *(ROOT / "sql").rglob("*.sql")]
    assert len(texts) > 100
    for path in texts:
        found = re.search(r"pip3? install[^`\n&;]*\bgeoflow(?![-/.\w])", path.read_text("utf-8"))
        assert not found, f"{path}: {found[0]}"


@pytest.mark.slow
def test_an_installed_geoflow_trains_asks_and_checks(geoflow):
    settings = ["--n-train", "60", "--n-test", "30", "--epochs", "2", "--k", "4,8"]
    assert "1 networks written" in geoflow("train", "circles", "--width", "4,4", *settings)
    assert geoflow("query", "select count(*) as n from graphs", "--format", "csv") == "n\n6\n"
    assert "forman_from_neighbors" in geoflow("check")


def test_an_installed_geoflow_knows_its_views_data_sets_and_studies(geoflow):
    assert "ricci_coefficients" in geoflow("views")
    assert "mnist_1v7" in geoflow("datasets", "--format", "csv")
    code = "from geoflow.specs.studyfile import shipped; print(shipped())"
    assert "quickstart" in geoflow(code=code)
