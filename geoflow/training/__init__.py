"""Training of ensembles in torch: all replicas of one architecture at once."""

from geoflow.training.loop import TrainedNetwork, train_ensemble, trained_ensembles

__all__ = ["TrainedNetwork", "train_ensemble", "trained_ensembles"]
