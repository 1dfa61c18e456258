"""The state of the page: everything that its address says, in one frozen record.

The address is the only place where state is kept. ``dcc.Store(id="state")`` holds the record as a
dictionary; a panel asks for a change by writing its own ``dcc.Store(id="change-<panel>")``, a
dictionary of the fields that change, None for back to the default.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any
from urllib.parse import parse_qsl, urlencode

TABS = {
    "networks": "Networks",
    "layers": "Layer graph",
    "numbers": "Numbers",
    "compare": "Compare",
    "sql": "SQL",
}
"""The tabs of the page: what the address calls them, and their title."""

PANEL_TABS = {
    "networks": ("networks",),
    "layers": ("layers",),
    "numbers": ("networks", "layers", "numbers"),
    "compare": ("compare",),
    "sql": ("sql",),
}
"""The tabs on which a panel is shown: that of the numbers stands beside two others."""

LAYOUTS = {"geodesic": "Hops", "pca": "PCA", "umap": "UMAP"}
"""How points are laid out: what the address says, and what the page does."""

CHOICES = {
    "tab": tuple(TABS),
    "theme": ("light", "dark"),
    "level": ("network", "layer", "point"),
    "colour": ("dataset", "width", "family", "depth", "study"),
    "layout": tuple(LAYOUTS),
}
"""Fields that are one of a few words."""

MOST_SELECTED = 20_000
LONGEST_NUMBER = 9


@dataclass(frozen=True)
class PageState:
    """What is shown: each field is a key of the query string, absent where it has its default.

    ``network``: empty for the first of the store; ``layer``, ``k`` and ``convention``: None and
    empty for the first that the network has; ``selection``: points of the data set; ``theme``:
    empty for that of the system; ``columns``, ``sort``, ``filter``, ``snapshots``: of the grid;
    ``score``: along depth; ``pair``: of layers; ``level``, ``x``, ``y``, ``colour``, ``study``: of
    the comparison, empty for the first there are; ``other``: network that this one is laid beside;
    ``sql``: of the console; ``layout``,
    ``dimensions`` 2 or 3, colour of ``points``, curvature of ``edges``, the ``share`` of them in
    percent, and whether ``trails``: of the layer graph.
    """

    tab: str = "networks"
    network: str = ""
    layer: int | None = None
    k: int | None = None
    convention: str = ""
    selection: tuple[int, ...] = ()
    theme: str = ""
    columns: str = ""
    sort: str = ""
    filter: str = ""
    snapshots: int = 0
    score: str = ""
    pair: str = ""
    level: str = "network"
    x: str = ""
    y: str = ""
    colour: str = "dataset"
    study: str = ""
    other: str = ""
    sql: str = ""
    layout: str = ""
    dimensions: int | None = None
    points: str = ""
    edges: str = ""
    share: int | None = None
    trails: int | None = None


def parsed_state(search: str | None) -> PageState:
    """Return the state of a query string; what it does not know, or cannot be, is left out.

    >>> found = parsed_state("?tab=layers&network=a%2Fb&k=8&selection=1-3,7&layer=x&strange=1")
    >>> found == PageState(tab="layers", network="a/b", k=8, selection=(1, 2, 3, 7))
    True
    """
    given = dict(parse_qsl((search or "").removeprefix("?"), keep_blank_values=True))
    found: dict[str, Any] = {}
    for field in fields(PageState):
        value = read_field(field.name, given[field.name]) if field.name in given else None
        if value is not None:
            found[field.name] = value
    return PageState(**found)


def read_field(name: str, text: str) -> Any:
    """Return the value of a field as the address writes it, None where it cannot be one."""
    kind = PageState.__dataclass_fields__[name].type
    if name == "selection":
        return points_in(text)
    if name in CHOICES:
        return text if text in CHOICES[name] else None
    if kind in (int | None, int):
        return int(text) if re.fullmatch(rf"\d{{1,{LONGEST_NUMBER}}}", text, re.ASCII) else None
    return text


def address(state: PageState) -> str:
    """Return the query string of a state, without what is as by default.

    >>> address(PageState(tab="layers", network="a/b", selection=(1, 2, 3, 7)))
    '?tab=layers&network=a/b&selection=1-3,7'
    >>> address(PageState())
    ''
    """
    default = asdict(PageState())
    kept = {
        name: ranges(value) if name == "selection" else str(value)
        for name, value in asdict(state).items()
        if value != default[name] and value is not None
    }
    return f"?{urlencode(kept, safe='/,@')}" if kept else ""


def restored(data: Mapping[str, Any] | None) -> PageState:
    """Return the state that the store of the page holds.

    >>> restored({"tab": "sql", "selection": [3]}) == PageState(tab="sql", selection=(3,))
    True
    """
    known = {field.name for field in fields(PageState)}
    found = {name: value for name, value in (data or {}).items() if name in known}
    return PageState(**found | {"selection": tuple(found.get("selection", ()))})


def ranges(points: Iterable[int]) -> str:
    """Return points as the address writes them.

    >>> ranges([9, 3, 1, 2])
    '1-3,9'
    """
    runs: list[list[int]] = []
    for point in sorted(set(points)):
        if runs and runs[-1][1] == point - 1:
            runs[-1][1] = point
        else:
            runs.append([point, point])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)


def points_in(text: str) -> tuple[int, ...]:
    """Return the points that a text of the address names, the first `MOST_SELECTED` of them.

    >>> points_in("1-3,9,x,5-4,-1")
    (1, 2, 3, 9)
    """
    found: set[int] = set()
    for part in text.split(","):
        if match := re.fullmatch(r"(\d{1,9})(?:-(\d{1,9}))?", part, re.ASCII):
            first = int(match[1])
            last = min(int(match[2] or first), first + MOST_SELECTED)
            found.update(range(first, last + 1))
        if len(found) >= MOST_SELECTED:
            break
    return tuple(sorted(found)[:MOST_SELECTED])
