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
MOST_PARAMETERS = 8

TREES = {
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts): ast.parse(
        path.read_text("utf-8")
    )
    for path in sorted(PACKAGE.rglob("*.py"))
}
PACKAGES = sorted(name.removesuffix(".__init__") for name in TREES if name.endswith(".__init__"))


def functions(tree: ast.AST) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


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


@pytest.mark.parametrize("module", TREES)
def test_a_module_has_at_most_300_lines(module):
    lines = PACKAGE.parent.joinpath(*module.split(".")).with_suffix(".py").read_text("utf-8")
    assert lines.count("\n") <= MOST_LINES


@pytest.mark.parametrize("module", TREES)
def test_a_function_has_at_most_60_lines(module):
    lengths = {one.name: one.end_lineno - one.lineno + 1 for one in functions(TREES[module])}
    assert {name: n for name, n in lengths.items() if n > LONGEST_FUNCTION} == {}


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
    homes = defaultdict(set)
    for module, tree in TREES.items():
        for name in top_names(tree):
            homes[name].add(module)
    assert {name: sorted(found) for name, found in homes.items() if len(found) > 1} == {}


@pytest.mark.parametrize("module", TREES)
def test_no_name_says_nothing(module):
    said = module.split(".")
    assert not {"utils", "helpers", "misc", "common"} & {one.strip("_") for one in said}
    assert not [one.name for one in functions(TREES[module]) if one.name.startswith("get_")]


@pytest.mark.parametrize("module", TREES)
def test_a_function_that_only_acts_is_no_participle(module):
    """`create`, not `created`: of what returns nothing, the name says what it does."""
    acting = [
        one.name
        for one in functions(TREES[module])
        if isinstance(one.returns, ast.Constant) and one.returns.value is None
    ]
    words = [(name, name.strip("_").split("_")[0]) for name in acting]
    assert not [name for name, word in words if word.endswith(("ed", "ing"))]
