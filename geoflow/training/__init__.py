"""Training of ensembles in torch: all replicas of one architecture at once.

torch is imported where something is trained: it costs two seconds, and `sizes` needs none.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geoflow.training._evaluation import TrainedNetwork as TrainedNetwork
    from geoflow.training._path import WeightWatch as WeightWatch
    from geoflow.training.loop import train_ensemble as train_ensemble
    from geoflow.training.loop import train_in_stages as train_in_stages

_HOMES = {
    "TrainedNetwork": "_evaluation",
    "WeightWatch": "_path",
    "train_ensemble": "loop",
    "train_in_stages": "loop",
}

__all__ = ["TrainedNetwork", "WeightWatch", "train_ensemble", "train_in_stages"]


def __getattr__(name: str) -> Any:
    """Import a name, and torch with it, when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module 'geoflow.training' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(f"geoflow.training.{_HOMES[name]}"), name)
