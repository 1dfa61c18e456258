"""Any torch module at work: what leaves its layers, taken without harm and within a memory budget.

torch is imported where a model is run: whoever has one has imported it.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geoflow.capturing.listing import listed_layers as listed_layers
    from geoflow.capturing.taking import activations as activations

_HOMES = {
    "activations": "taking",
    "listed_layers": "listing",
}

__all__ = ["activations", "listed_layers"]


def __getattr__(name: str) -> Any:
    """Import a name, and torch with it, when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module 'geoflow.capturing' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(f"geoflow.capturing.{_HOMES[name]}"), name)
