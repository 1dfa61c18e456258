"""What the page needs to know of the network that is shown: its layers, k and conventions."""

from typing import Any

from geoflow.errors import unknown
from geoflow.explore.answers import Answers
from geoflow.explore.state import PageState

NOBODY: dict[str, Any] = {
    "network_id": None,
    "network": None,
    "layers": [],
    "k": [],
    "conventions": [],
}


def network_facts(answers: Answers, state: PageState) -> dict[str, Any]:
    """Return the layers, k and conventions of a network; ``shown``: what is chosen of them.

    A network that is not named is the first of the store; a choice that the network has not is the
    first that it has. Raises GeoflowError for a network that is not there.
    """
    rows = answers.of("graphs_of_network", network=state.network or None).rows
    if rows.is_empty():
        if not state.network:
            return {"shown": {}, **NOBODY}
        names = answers.of("networks_listed", snapshots=True).rows["network"].unique().to_list()
        raise unknown("network", state.network, names, "choose one of the grid")
    layers = rows["layer"].drop_nulls().unique().sort().to_list()
    graphs = rows.select("convention", "k").drop_nulls().unique().sort("convention", "k").rows()
    conventions = sorted({convention for convention, _ in graphs})
    convention = chosen(state.convention, conventions, "")
    ks = [k for one, k in graphs if one == convention]
    mine = rows.select("network_id", "network", "final_id", "study", "dataset").row(0, named=True)
    return {
        "shown": {
            "network": mine["network"],
            "layer": chosen(state.layer, layers, 0),
            "convention": convention,
            "k": chosen(state.k, ks, None),
        },
        **mine,
        "layers": layers,
        "conventions": conventions,
        "k": ks,
    }


def chosen(asked: Any, known: list[Any], otherwise: Any) -> Any:
    """Return what is asked if it is known, else the first known.

    >>> chosen(8, [4, 8], None), chosen(9, [4, 8], None), chosen(9, [], None)
    (8, 4, None)
    """
    if asked in known:
        return asked
    return known[0] if known else otherwise
