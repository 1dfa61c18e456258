"""Activations that somebody made in Python, checked like arrays by name."""

from dataclasses import replace

from geoflow.archive.given import as_array
from geoflow.archive.layers import checked_labels, checked_layers
from geoflow.measure.activations import Activations, OnDemand


def checked_given(found: Activations, where: str) -> Activations:
    """Return activations that somebody made, or say what of them does not fit.

    Layers that are made on demand were checked by their maker.
    """
    if found.labels is not None:
        checked_labels(found.labels, found.n, where)
    if isinstance(found.layers, OnDemand):
        return found
    arrays = {f"layer_{at:02d}": one for at, one in enumerate(found.layers)}
    for name, several in (("pre", found.pre), ("post", found.post)):
        arrays |= {f"{name}_{at:02d}": one for at, one in enumerate(several or (), start=1)}
    if found.output is not None:
        arrays["output"] = found.output
    given = {name: as_array(one, f"{name} in {where}") for name, one in arrays.items()}
    checked = checked_layers(given, where).activations
    own = {name: getattr(checked, name) for name in ("layers", "pre", "post", "output")}
    return replace(found, **own)
