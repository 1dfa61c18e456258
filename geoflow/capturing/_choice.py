"""Which layers are taken: the blocks of a model, else its activations, else its children."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from torch import nn
from torch.nn.modules import activation

from geoflow.capturing._runs import Run
from geoflow.errors import CaptureError
from geoflow.text.shown import listed, short

CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict)
NO_ACTIVATION = (
    activation.MultiheadAttention,
    activation.Softmax,
    activation.Softmin,
    activation.Softmax2d,
    activation.LogSoftmax,
)
"""Of the modules of torch's activations those that are none of a hidden layer."""


def chosen_runs(model: nn.Module, runs: Sequence[Run], asked: Any) -> list[Run]:
    """Return the calls to take, in the order in which they ran.

    asked: globs on module paths (``*`` within a part, ``**`` over several), a call of a module that
    runs several times (``path:1``), classes or their names, one or several; None for the usual
    choice.
    """
    inside = [one for one in runs if one.path]
    if asked is None:
        paths = usual_paths(model, [one for one in inside if one.problem is None])
        if not paths:
            raise CaptureError(
                f"the model, a {type(model).__name__}, has no layers inside that give a row of"
                " numbers for each point: wrap it in a module that has"
            )
        found = [one for one in inside if one.path in paths]
    else:
        found = asked_runs(model, inside, asked)
    for one in found:
        if one.problem is not None:
            raise CaptureError(f"layer '{one.name}' ({one.kind}) {one.problem}: leave it out")
    return found


def asked_runs(model: nn.Module, runs: Sequence[Run], asked: Any) -> list[Run]:
    """Return the calls that are asked for: all of a module, or one by its name."""
    wanted = [asked] if isinstance(asked, str | type) else list(checked_list(asked))
    names = {one.name for one in runs if one.n_calls > 1}
    calls = [one for one in wanted if isinstance(one, str) and one in names]
    others = [one for one in wanted if one not in calls]
    paths: set[str] = set()
    if others or not calls:
        paths = asked_paths(model, {one.path for one in runs}, others)
    return [one for one in runs if one.path in paths or one.name in calls]


def usual_paths(model: nn.Module, runs: Sequence[Run]) -> set[str]:
    """Return the paths of the layers that are taken where nothing is asked for."""
    ran = {one.path for one in runs}
    modules = {path: one for path, one in model.named_modules() if path in ran}
    elements = {
        path: one
        for path, one in modules.items()
        if is_element(model, path) and any(True for _ in one.children())
    }
    own = {path: one for path, one in elements.items() if type(one) not in CONTAINERS}
    plain = {path: one for path, one in elements.items() if type(one) in CONTAINERS}
    for group in (own, plain):
        if blocks := of_one_class(outermost(group)):
            return blocks
    activations = {path for path, one in modules.items() if is_activation(one)}
    return activations or children(model, ran)


def is_element(model: nn.Module, path: str) -> bool:
    """Return whether a module is an element of a list or a sequence of modules."""
    return isinstance(model.get_submodule(path.rpartition(".")[0]), nn.Sequential | nn.ModuleList)


def outermost(modules: dict[str, nn.Module]) -> dict[str, nn.Module]:
    """Return those that lie in no other of them."""
    return {
        path: one
        for path, one in modules.items()
        if not any(path.startswith(f"{other}.") for other in modules)
    }


def of_one_class(modules: dict[str, nn.Module]) -> set[str]:
    """Return the paths of those that share the most frequent class, at least two of them."""
    counts = Counter(type(one) for one in modules.values())
    if not counts:
        return set()
    kind, count = counts.most_common(1)[0]
    return {path for path, one in modules.items() if type(one) is kind} if count > 1 else set()


def is_activation(module: nn.Module) -> bool:
    """Return whether a module is an activation of torch, or of a library's file of activations."""
    home = type(module).__module__
    if home == activation.__name__:
        return not isinstance(module, NO_ACTIVATION)
    return home.endswith(("activation", "activations")) and not any(True for _ in module.children())


def children(model: nn.Module, ran: set[str]) -> set[str]:
    """Return the paths of the children that ran; of an only child those of its children."""
    prefix = ""
    while True:
        found = list(own_children(model, prefix))
        has_more = len(found) == 1 and any(True for _ in found[0][1].children())
        if not has_more:
            return {path for path, _ in found if path in ran}
        prefix, model = f"{found[0][0]}.", found[0][1]


def own_children(model: nn.Module, prefix: str) -> Iterator[tuple[str, nn.Module]]:
    """Yield the children of a module by their paths; of lists, which never run, their elements."""
    for name, one in model.named_children():
        if isinstance(one, nn.ModuleList | nn.ModuleDict):
            yield from own_children(one, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", one


def asked_paths(model: nn.Module, ran: set[str], wanted: Sequence[Any]) -> set[str]:
    """Return the paths that are asked for, each of which must have run."""
    every = dict(model.named_modules(remove_duplicate=False))
    first = {id(one): path for path, one in model.named_modules()}
    every.pop("", None)
    found: set[str] = set()
    for one in wanted:
        matched = {path: first[id(every[path])] for path in matching(every, one)}
        if not matched:
            raise CaptureError(
                f"layers {shown_asked(one)} match nothing: the model has {listed(every)}"
            )
        idle = [
            path
            for path, own in matched.items()
            if own not in ran and (len(matched) == 1 or type(every[path]) not in CONTAINERS)
        ]
        if idle:
            raise CaptureError(
                f"layer {listed(map(repr, idle))} was asked for and never ran on this data: leave"
                " it out"
            )
        found |= {own for own in matched.values() if own in ran}
    if not found:
        raise CaptureError("layers asks for nothing that ran: name at least one")
    return found


def checked_list(asked: Any) -> Iterable[Any]:
    """Return what is asked for, one by one."""
    if not isinstance(asked, Iterable) or isinstance(asked, bytes):
        raise CaptureError(
            f"layers is of type {type(asked).__name__}: give globs on module paths, classes, or a"
            " list of them"
        )
    return asked


def matching(every: dict[str, nn.Module], one: Any) -> list[str]:
    """Return the paths that a glob matches, or else of the modules of a class."""
    if isinstance(one, type):
        return [path for path, module in every.items() if isinstance(module, one)]
    if not isinstance(one, str):
        raise CaptureError(
            f"layers holds {short(repr(one))}: give globs on module paths, or classes"
        )
    pattern = glob_pattern(one)
    paths = [path for path in every if pattern.fullmatch(path)]
    return paths or [path for path, module in every.items() if type(module).__name__ == one]


def glob_pattern(glob: str) -> re.Pattern[str]:
    r"""Return the pattern of a glob on dotted paths.

    >>> bool(glob_pattern("layer*.*").fullmatch("layer1.0"))
    True
    >>> bool(glob_pattern("layer*.*").fullmatch("layer1.0.conv1"))
    False
    >>> bool(glob_pattern("layer1.**").fullmatch("layer1.0.conv1"))
    True
    """
    signs = {"**": ".*", "*": "[^.]*", "?": "[^.]"}
    parts = re.split(r"(\*\*|\*|\?)", glob)
    return re.compile("".join(signs.get(part) or re.escape(part) for part in parts))


def shown_asked(one: Any) -> str:
    """Return a glob or a class as it was asked for."""
    return one.__name__ if isinstance(one, type) else repr(short(one))
