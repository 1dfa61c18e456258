"""A callback of Lightning that watches a model in training.

from geoflow.watching.lightning import LightningWatch

Trainer(callbacks=[LightningWatch(probe, db="geoflow.duckdb", name="mine", k=10)]).fit(model)
"""

from pathlib import Path
from typing import Any, Unpack

from lightning.pytorch import Callback

from geoflow.watching._watch import Watch, WatchOptions, watch


class LightningWatch(Callback):
    """Measures the module of a trainer before training, and after its epochs: see `watch`.

    Of several processes the first measures. ``watched``: the `Watch`, from the beginning of the
    training on.
    """

    def __init__(
        self,
        probe: Any,
        labels: Any = None,
        *,
        db: Path | str,
        name: str,
        **options: Unpack[WatchOptions],
    ) -> None:
        self.asked = (probe, labels, db, name, options)
        self.watched: Watch | None = None

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        """Measure the module as it is before the first step."""
        if trainer.is_global_zero:
            probe, labels, db, name, options = self.asked
            self.watched = watch(pl_module, probe, labels, db=db, name=name, **options)

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        """Measure the module after an epoch."""
        if self.watched is not None:
            self.watched()

    def on_train_end(self, trainer: Any, pl_module: Any) -> None:
        """Measure the module at the end."""
        if self.watched is not None:
            self.watched.end()

    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        """Close the run in the store."""
        if self.watched is not None:
            self.watched.end("interrupted")
