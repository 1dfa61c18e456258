"""Imports go strictly downward; what is slow to import waits until it is needed."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import geoflow

PACKAGE = Path(geoflow.__file__).parent
CHAIN = """
errors < text < machine < specs < datasets | geometry < scores < measure < archive | training
< capturing < store < study | ingestion < watching < figures < report | explore < cli
"""
"""What stands left of another may be imported by it; side by side, neither knows the other."""

TIERS = tuple(
    tuple(name.strip() for name in tier.split("|")) for tier in reversed(CHAIN.split("<"))
)  # from the highest
TIER = {name: at for at, names in enumerate(reversed(TIERS)) for name in names}
WORLD = {
    "duckdb", "sqlite3", "pathlib", "io", "shutil", "tempfile", "subprocess", "socket", "ssl",
    "http", "urllib", "requests", "pooch",
}  # fmt: skip
SLOW = ("torch", "numba", "polars", "duckdb", "sklearn", "igraph", "scipy")


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SOURCES = {module_name(path): path.read_text("utf-8") for path in PACKAGE.rglob("*.py")}


def imported(source: str) -> set[str]:
    """Every module a source imports, anywhere in it; `from a import b` is a.b if that is one."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            for one in node.names:
                inner = f"{node.module}.{one.name}"
                found.add(inner if inner in SOURCES else node.module)
    return found


IMPORTS = {name: imported(source) for name, source in SOURCES.items()}


def users_of(library: str) -> set[str]:
    tops = {name: {one.split(".")[0] for one in found} for name, found in IMPORTS.items()}
    return {name for name, found in tops.items() if library in found}


def part(module: str) -> str:
    return module.split(".")[1]


def test_every_module_has_a_place_in_the_chain():
    assert {part(name) for name in SOURCES if name != "geoflow"} <= set(TIER)


def test_modules_import_lower_tiers_or_their_own_package():
    beyond = {}
    for name in SOURCES.keys() - {"geoflow"}:
        mine = part(name)
        below = {other for other, tier in TIER.items() if tier < TIER[mine] or other == mine}
        ours = {part(one) for one in IMPORTS[name] if one.startswith("geoflow.")}
        beyond[name] = ours - below
    assert {name: parts for name, parts in beyond.items() if parts} == {}


def intruders(imports: dict[str, set[str]]) -> set[tuple[str, str]]:
    """Who imports a module, or one of a folder, that another folder keeps to itself."""
    found = set()
    for name, ones in imports.items():
        for one in ones:
            pieces = one.split(".")
            homes = [".".join(pieces[:at]) for at, piece in enumerate(pieces) if piece[0] == "_"]
            found |= {(name, one) for home in homes if not f"{name}.".startswith(f"{home}.")}
    return found


def test_what_a_folder_keeps_to_itself_is_imported_nowhere_else():
    made_up = {
        "geoflow.store": {"geoflow.store._rows"},
        "geoflow.store.inner.one": {"geoflow.store._rows", "geoflow.store.inner._two"},
        "geoflow.stores": {"geoflow.store._rows"},
        "geoflow.cli.main": {"geoflow.store._rows", "geoflow.store._inner.open", "json"},
    }
    assert intruders(made_up) == {
        ("geoflow.stores", "geoflow.store._rows"),
        ("geoflow.cli.main", "geoflow.store._rows"),
        ("geoflow.cli.main", "geoflow.store._inner.open"),
    }
    ours = {
        name: {one for one in found if one.startswith("geoflow.")}
        for name, found in IMPORTS.items()
    }
    assert intruders(ours) == set()


def test_no_module_needs_itself_to_be_imported():
    inside = {name: IMPORTS[name] & SOURCES.keys() for name in SOURCES if name != "geoflow"}
    assert list(TopologicalSorter(inside).static_order())


def test_the_package_itself_imports_nothing_of_its_own_until_asked():
    tree = ast.parse(SOURCES["geoflow"])
    eager = {node.module for node in tree.body if isinstance(node, ast.ImportFrom)}
    assert not {name for name in eager if name.startswith("geoflow")}


def test_only_the_store_imports_duckdb():
    assert {part(name) for name in users_of("duckdb")} == {"store"}


def test_only_figures_and_report_import_plotly():
    assert {part(name) for name in users_of("plotly")} == {"explore", "figures", "report"}


@pytest.mark.parametrize(
    "name", sorted(one for one in SOURCES if one.startswith("geoflow.figures"))
)
def test_figures_touch_no_store_file_or_network(name):
    assert not {one.split(".")[0] for one in IMPORTS[name]} & WORLD
    assert not {one for one in IMPORTS[name] if one.startswith("geoflow.store")}


def test_only_the_explorer_imports_what_its_page_is_made_with():
    for library in ("dash", "dash_ag_grid", "flask", "werkzeug"):
        assert {part(name) for name in users_of(library)} == {"explore"}


def test_only_training_capturing_and_the_device_import_torch():
    users = users_of("torch") - {"geoflow.geometry.neighbors.device"}
    assert {part(name) for name in users} == {"training", "capturing"}


def test_geometry_touches_no_database_file_or_network():
    for name in (one for one in SOURCES if one.startswith("geoflow.geometry")):
        assert not {one.split(".")[0] for one in IMPORTS[name]} & WORLD, name
        calls = (node for node in ast.walk(ast.parse(SOURCES[name])) if isinstance(node, ast.Call))
        called = {call.func.id for call in calls if isinstance(call.func, ast.Name)}
        assert "open" not in called, name


@pytest.mark.parametrize("module", ["geoflow", "geoflow.cli", "geoflow.datasets"])
def test_import_is_instant(module):
    slow = [name for name in SLOW if not (module == "geoflow.datasets" and name == "scipy")]
    code = f"import sys, {module}; print([name for name in {slow} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("modules", "heavy"),
    [
        ("geoflow.study, geoflow.report", ["torch", "statsmodels", "scipy.optimize"]),
        ("geoflow.ingestion", ["torch", "scipy.optimize", "scipy.special"]),
        ("geoflow.store.questions, geoflow.store.results", ["torch", "numba", "igraph", "scipy"]),
    ],
)
def test_what_is_slow_to_import_waits_until_it_is_used(modules, heavy):
    code = f"import sys, {modules}; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", geoflow.__all__)
def test_public_names_are_there(name):
    assert getattr(geoflow, name) is not None


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'trian'"):
        _ = geoflow.trian
