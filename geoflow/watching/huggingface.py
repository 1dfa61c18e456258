"""A callback of the trainer of transformers that watches a model in training.

from geoflow.watching.huggingface import TransformersWatch

Trainer(model, callbacks=[TransformersWatch(probe, db="geoflow.duckdb", name="mine", k=10)]).train()
"""

from typing import Any

from transformers import TrainerCallback

from geoflow.watching._callback import WatchedTraining


class TransformersWatch(WatchedTraining, TrainerCallback):
    """Measures the model of a trainer before training, and after its epochs: see `watch`."""

    def on_train_begin(self, args: Any, state: Any, control: Any, **others: Any) -> None:
        """Measure the model as it is before the first step."""
        self.begin(others["model"], state.is_world_process_zero)

    def on_epoch_end(self, args: Any, state: Any, control: Any, **others: Any) -> None:
        """Measure the model after an epoch."""
        self.end_epoch()

    def on_train_end(self, args: Any, state: Any, control: Any, **others: Any) -> None:
        """Measure the model at the end."""
        self.end()
