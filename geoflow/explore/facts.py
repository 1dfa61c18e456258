"""What the page needs to know of the network that is shown: its layers, k and conventions."""

from typing import Any

from geoflow.explore.state import PageState
from geoflow.store.results import Database


def network_facts(db: Database, state: PageState) -> dict[str, Any]:
    """Return the layers, k and conventions of a network; ``shown``: what is chosen of them.

    A network that is not named is the first of the store; a choice that the network has not is the
    first that it has. Raises GeoflowError for a network that is not there.
    """
    with db.held() as held:
        first = held.query(
            "select name from networks where final_id is null and status <> 'failed'"
            " order by network_id limit 1"
        )["name"].to_list()
        if not state.network and not first:
            return {"shown": {}, "network": None, "layers": [], "graphs": []}
        network = state.network or first[0]
        layers = sorted(held.layers(network))
        graphs = held.query(
            "select distinct g.convention, g.k from graphs as g"
            " join network_layers as l using (layer_id)"
            " join networks as n using (network_id)"
            " where n.name = $network order by all",
            network=network,
        ).rows()
    conventions = sorted({convention for convention, _ in graphs})
    convention = chosen(state.convention, conventions, "")
    ks = [k for one, k in graphs if one == convention]
    return {
        "shown": {
            "network": network,
            "layer": chosen(state.layer, layers, 0),
            "convention": convention,
            "k": chosen(state.k, ks, None),
        },
        "network": network,
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
