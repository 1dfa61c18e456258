"""Training of ensembles in torch: all replicas of one architecture at once."""

from geoflow.training.evaluation import TrainedNetwork
from geoflow.training.loop import train_ensemble, train_in_stages
from geoflow.training.path import WeightWatch

__all__ = ["TrainedNetwork", "WeightWatch", "train_ensemble", "train_in_stages"]
