"""The rules of the house that a machine can see: sizes, and names that are said once."""

import ast
import importlib
import inspect
from collections import defaultdict
from pathlib import Path

import pytest

import geoflow

PACKAGE = Path(geoflow.__file__).parent
MOST_LINES = 300
LONGEST_FUNCTION = 60
VERBS = ("bring", "embed", "feed", "need", "seed")
"""They end as participles do."""

MOST_PARAMETERS = 8

PATHS = sorted(PACKAGE.rglob("*.py"))
TREES = {
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts): ast.parse(
        path.read_text("utf-8")
    )
    for path in PATHS
}
PACKAGES = sorted(name.removesuffix(".__init__") for name in TREES if name.endswith(".__init__"))


def functions(tree: ast.AST) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def lengths(tree: ast.AST) -> dict[str, int]:
    return {one.name: (one.end_lineno or 0) - one.lineno + 1 for one in functions(tree)}


def is_command(node: ast.stmt) -> bool:
    """Commands of the shell are named like the library function they call."""
    called = [one.func for one in getattr(node, "decorator_list", []) if isinstance(one, ast.Call)]
    return any(
        isinstance(one, ast.Attribute) and one.attr in ("command", "group") for one in called
    )


def top_names(tree: ast.Module) -> set[str]:
    """Functions, classes and constants of a module; not its commands, nor what it keeps to itself.

    Types under a name, such as ``Array``, are said where they are used and may be alike.
    """
    found = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not is_command(node):
            found.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = {one.id for one in ast.walk(ast.Tuple(targets)) if isinstance(one, ast.Name)}
            found |= {name for name in names if name.isupper()}
    return {name for name in found if not name.startswith("_")}


def test_the_house_is_there():
    assert len(TREES) > 100
    assert len(PACKAGES) > 10


def test_a_module_has_at_most_300_lines():
    home = PACKAGE.parent
    lines = {path.relative_to(home): path.read_text("utf-8").count("\n") for path in PATHS}
    assert {str(path): n for path, n in lines.items() if n > MOST_LINES} == {}


def test_a_function_has_at_most_60_lines():
    assert lengths(ast.parse("def one():\n    pass\n")) == {"one": 2}
    found = {
        f"{module}.{name}": n for module, tree in TREES.items() for name, n in lengths(tree).items()
    }
    assert {name: n for name, n in found.items() if n > LONGEST_FUNCTION} == {}


def public(package: str) -> list[str]:
    module = importlib.import_module(package)
    found = ((name, getattr(module, name)) for name in getattr(module, "__all__", []))
    return [name for name, one in found if inspect.isfunction(one)]


@pytest.mark.parametrize("package", PACKAGES)
def test_a_public_function_has_at_most_8_parameters(package):
    module = importlib.import_module(package)
    many = {
        name: len(inspect.signature(getattr(module, name)).parameters) for name in public(package)
    }
    assert {name: n for name, n in many.items() if n > MOST_PARAMETERS} == {}


def test_there_are_public_functions():
    assert {"ingest", "layer_geometry", "open", "run_study", "train"} <= set(public("geoflow"))


def test_no_two_things_have_one_name():
    command = "import click\n@click.command()\ndef train(): ...\nBLOCK = 1\n_at = 2\nX: int = 3"
    assert top_names(ast.parse(command)) == {"BLOCK", "X"}
    homes = defaultdict(list)
    for module, tree in TREES.items():
        for name in top_names(tree):
            homes[name].append(module)
    alike = [f"{name}: {', '.join(sorted(found))}" for name, found in homes.items() if found[1:]]
    assert not alike, "\n".join(alike)


def test_no_name_says_nothing():
    words = {word.strip("_") for module in TREES for word in module.split(".")}
    assert not words & {"utils", "helpers", "misc", "common"}
    assert not {
        f"{module}.{one.name}"
        for module, tree in TREES.items()
        for one in functions(tree)
        if one.name.strip("_").startswith("get_")
    }


def participles(tree: ast.AST) -> set[str]:
    """Functions that return nothing, so that they only act, and whose name does not say it."""
    acting = {
        one.name
        for one in functions(tree)
        if isinstance(one.returns, ast.Constant) and one.returns.value is None
    }
    first = {name: name.strip("_").split("_")[0] for name in acting}
    return {
        name for name, word in first.items() if word.endswith(("ed", "ing")) and word not in VERBS
    }


def test_a_function_that_only_acts_is_no_participle():
    """`create`, not `created`: of what returns nothing, the name says what it does."""
    made_up = "def created() -> None: ...\ndef sorted() -> list: ...\ndef create() -> None: ..."
    assert participles(ast.parse(made_up)) == {"created"}
    found = {f"{module}.{name}" for module, tree in TREES.items() for name in participles(tree)}
    assert found == set()
