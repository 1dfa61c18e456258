"""What the callbacks of all trainers do: a `Watch` that begins and ends with the training."""

from pathlib import Path
from typing import Any, Unpack

from geoflow.errors import refuse_unknown
from geoflow.watching._watch import Watch, WatchOptions, watch


class WatchedTraining:
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
        refuse_unknown("option", options, WatchOptions.__annotations__)
        self.asked = (probe, labels, db, name, options)
        self.watched: Watch | None = None

    def begin(self, model: Any, is_first: bool) -> None:
        """Measure the model as it is before the first step, in the first process alone."""
        if is_first:
            probe, labels, db, name, options = self.asked
            self.watched = watch(model, probe, labels, db=db, name=name, **options)

    def end_epoch(self) -> None:
        """Measure the model after an epoch."""
        if self.watched is not None:
            self.watched()

    def end(self, status: str = "finished") -> None:
        """Measure the model at the end, or close the run of a training that was interrupted."""
        if self.watched is not None:
            self.watched.end(status)
