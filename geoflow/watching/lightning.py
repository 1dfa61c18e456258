"""A callback of Lightning that watches a model in training.

from geoflow.watching.lightning import LightningWatch

Trainer(callbacks=[LightningWatch(probe, db="geoflow.duckdb", name="mine", k=10)]).fit(model)
"""

from typing import Any

from lightning.pytorch import Callback

from geoflow.watching._callback import WatchedTraining


class LightningWatch(WatchedTraining, Callback):
    """Measures the module of a trainer before training, and after its epochs: see `watch`."""

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        """Measure the module as it is before the first step."""
        self.begin(pl_module, trainer.is_global_zero)

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        """Measure the module after an epoch."""
        self.end_epoch()

    def on_train_end(self, trainer: Any, pl_module: Any) -> None:
        """Measure the module at the end."""
        self.end()

    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        """Close the run in the store."""
        self.end("interrupted")
