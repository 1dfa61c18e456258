"""Training of ensembles in torch: all replicas of one architecture at once."""

from geoflow.training._evaluation import TrainedNetwork
from geoflow.training._path import WeightWatch
from geoflow.training.loop import train_ensemble, train_in_stages

__all__ = ["TrainedNetwork", "WeightWatch", "train_ensemble", "train_in_stages"]
