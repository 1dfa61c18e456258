"""Networks of torch into the store: captured once, or watched along their training."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geoflow.watching._capture import capture as capture
    from geoflow.watching._watch import Watch as Watch
    from geoflow.watching._watch import watch as watch

_HOMES = {"Watch": "_watch", "capture": "_capture", "watch": "_watch"}

__all__ = ["Watch", "capture", "watch"]


def __getattr__(name: str) -> Any:
    """Import a name, and torch with it, when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module 'geoflow.watching' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(f"geoflow.watching.{_HOMES[name]}"), name)
