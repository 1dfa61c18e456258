"""A network watched along its training: what it makes of the same points after every epoch.

The last measurement is the network of a name, those before it are its snapshots ``NAME@EPOCH``: the
store is whole at every moment, whatever becomes of the training.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Unpack

from geoflow.capturing import activations
from geoflow.errors import (
    CaptureError,
    DatasetError,
    GeometryError,
    SpecError,
    StoreError,
    refuse_unknown,
)
from geoflow.ingestion import checked_names, given_dataset, given_network, refuse_large, store_path
from geoflow.ingestion import refuse_unready as refuse_taken
from geoflow.machine.log import LOG
from geoflow.measure import Activations, NetworkFrames, measured, measured_layer
from geoflow.scores import own_scores
from geoflow.specs import (
    CaptureWords,
    GeometryWords,
    TransportSpec,
    asked_geometry,
    asked_transport,
)
from geoflow.specs.values import Whole
from geoflow.store import Writer, query
from geoflow.store.inputlayer import missing_input
from geoflow.store.records import NetworkRecord, Unit, network_tables
from geoflow.store.request import as_json
from geoflow.text.shown import listed

LONGEST_WAIT = 120.0
"""Seconds to wait for who reads the store: a training is not to end for that."""


class WatchOptions(GeometryWords, CaptureWords, total=False):
    """What `watch` is told beside probe and store: words of `activations` and of `ingest`."""

    layers: Any
    pool: Any
    every: int
    dataset: str | None
    study: str
    transport: TransportSpec | bool
    scores: Sequence[str]


OWN = ("layers", "pool", *CaptureWords.__annotations__)
"""Words that say how activations are taken."""


@dataclass(frozen=True)
class State:
    """What was measured after an epoch: a row of ``networks``, and all that belongs to it."""

    record: NetworkRecord
    frames: NetworkFrames


class Watch:
    """Measures a model in training; call it after each epoch.

    Made by `watch`. ``epoch``: how many have been told of so far; ``measured``: the last of them
    that is in the store.
    """

    def __init__(self, model: Any, probe: Any, labels: Any, db: Path, name: str, **words: Any):
        self.model, self.probe, self.labels = model, probe, labels
        self.every = Whole(1).checked("every", words.pop("every", 1))
        self.taking = {word: words.pop(word) for word in OWN if word in words}
        dataset, self.study = words.pop("dataset", None), words.pop("study", "watch")
        self.transport = asked_transport(words.pop("transport", False))
        self.scores = own_scores(words.pop("scores", ()))
        self.spec = asked_geometry(words)
        _, self.name, self.dataset = checked_names({}, name, dataset)
        self.path = db
        refuse_taken(self.path, name, self.scores)
        refuse_snapshots(self.path, name)
        asked = {"geometry": self.spec, "transport": self.transport, "every": self.every}
        self.writer = Writer(
            self.path,
            f"watch({type(model).__name__}, name={name})",
            seed=None,
            patience=LONGEST_WAIT,
            request=as_json({"name": name, "dataset": self.dataset} | asked),
        )
        self.epoch = 0
        self.measured: int | None = None
        self.last: State | None = None
        self.measure()

    def __call__(self, epoch: int | None = None) -> bool:
        """Say that an epoch has ended, by its number if that is not one more; return if measured.

        An epoch is measured if its number can be divided by ``every``.
        """
        if epoch is not None:
            epoch = Whole(1).checked("epoch", epoch)
            if epoch <= self.epoch:
                raise SpecError(
                    f"epoch {epoch} comes after epoch {self.epoch}: number them upwards"
                )
        self.epoch = self.epoch + 1 if epoch is None else epoch
        if self.epoch % self.every:
            return False
        return self.measure()

    def __enter__(self) -> "Watch":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End with the training."""
        self.end("finished" if kind is None else "interrupted")

    def end(self, status: str = "finished") -> None:
        """Measure the model at the end of its training, if its last epoch was not measured."""
        if status == "finished" and self.measured != self.epoch:
            self.measure()
        self.writer.finish(status)

    def measure(self) -> bool:
        """Measure the model as it is and write it; return whether that could be done.

        What cannot be measured once the training is on its way, activations that are not finite for
        one, is a failed snapshot with its reason: the training goes on.
        """
        try:
            self.write(self.found())
        except (CaptureError, DatasetError, GeometryError) as error:
            if self.last is None:
                raise
            self.fail(str(error))
            return False
        return True

    def found(self) -> Activations:
        """Return the activations of the model as it is."""
        found = activations(self.model, self.probe, self.labels, **self.taking)
        refuse_large(found, self.spec, self.transport)
        return found

    def write(self, found: Activations) -> None:
        """Measure activations; they become the network, what it was before becomes a snapshot."""
        dataset = given_dataset(self.dataset, found)
        points, labels = found.layers[0], found.labels
        origin = measured_layer(points, 0, self.spec, labels) if self.spec.curvatures else None
        input_layer = missing_input(
            self.path, dataset, points, labels, self.spec, origin, LONGEST_WAIT
        )
        frames = measured(found, self.spec, self.transport, origin=origin, scores=self.scores)
        record = given_network(self.name, found, self.spec, self.transport, self.scores)
        record = replace(record, study=self.study, epochs=self.epoch)
        states = [State(record, frames)]
        if self.last is not None:
            before = self.last.record
            states.append(State(self.snapshot(before, before.epochs), self.last.frames))
        tables = network_tables([one.frames for one in states])
        records = [one.record for one in states]
        unit = Unit(dataset, labels, input_layer, records, tables, self.scores)
        self.writer.move_on(unit)
        self.last, self.measured = states[0], self.epoch

    def snapshot(self, record: NetworkRecord, epoch: int | None) -> NetworkRecord:
        """Return the row of a snapshot of the network."""
        return replace(record, name=f"{self.name}@{epoch}", epochs=epoch, final=self.name)

    def fail(self, reason: str) -> None:
        """Write that the model could not be measured after this epoch."""
        assert self.last is not None
        LOG.warning("epoch %s of '%s' is not measured: %s", self.epoch, self.name, reason)
        one = self.snapshot(self.last.record, self.epoch)
        one = replace(one, status="failed", reason=reason, test_accuracy=None)
        with self.writer.writing() as store:
            store.add_failed(self.name, one)
        self.measured = self.epoch


def refuse_snapshots(path: Path, name: str) -> None:
    """Refuse a store that has networks called as the snapshots would be."""
    if path.exists():
        sql = "select name from networks where starts_with(name, $start) order by network_id"
        found = query(path, sql, {"start": f"{name}@"})["name"].to_list()
        if found:
            raise StoreError(
                f"{listed(found)} in {path} would be snapshots of '{name}': give another name"
            )


def watch(
    model: Any,
    probe: Any,
    labels: Any = None,
    *,
    db: Path | str,
    name: str,
    **options: Unpack[WatchOptions],
) -> Watch:
    """Measure a model now and after each epoch that the returned `Watch` is told of.

    model, probe, labels: as in `geoflow.capture`; the probe is the same at every epoch. The network
    ``name`` is the model as it was measured last, ``NAME@EPOCH`` as it was before; epoch 0 is now.
    options: ``every`` (1): measure each epoch whose number it divides, and the last with `end` or
    at the end of a ``with``; ``study``: what the network belongs to; ``layers`` and ``pool``, and
    all other words of `geoflow.capture`. Training goes on as if nobody looked: weights, modes,
    gradients and random states are the same to the last bit.

    >>> import tempfile, torch
    >>> net = torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.ReLU(), torch.nn.Linear(5, 1))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     db = Path(folder) / "g.duckdb"
    ...     with watch(net, torch.randn(20, 3), db=db, name="net", k=4) as watched:
    ...         for epoch in range(2):
    ...             watched()  # after an epoch of training
    True
    True
    """
    refuse_unknown("option", options, WatchOptions.__annotations__)
    return Watch(model, probe, labels, store_path(db), name, **options)
