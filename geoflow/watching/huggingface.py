"""A callback of the trainer of transformers that watches a model in training.

from geoflow.watching.huggingface import TransformersWatch

Trainer(model, callbacks=[TransformersWatch(probe, db="geoflow.duckdb", name="mine", k=10)]).train()
"""

from pathlib import Path
from typing import Any, Unpack

from transformers import TrainerCallback

from geoflow.watching._watch import Watch, WatchOptions, watch


class TransformersWatch(TrainerCallback):
    """Measures the model of a trainer before training, and after its epochs: see `watch`.

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

    def on_train_begin(self, args: Any, state: Any, control: Any, **others: Any) -> None:
        """Measure the model as it is before the first step."""
        if state.is_world_process_zero:
            probe, labels, db, name, options = self.asked
            self.watched = watch(others["model"], probe, labels, db=db, name=name, **options)

    def on_epoch_end(self, args: Any, state: Any, control: Any, **others: Any) -> None:
        """Measure the model after an epoch."""
        if self.watched is not None:
            self.watched()

    def on_train_end(self, args: Any, state: Any, control: Any, **others: Any) -> None:
        """Measure the model at the end."""
        if self.watched is not None:
            self.watched.end()
