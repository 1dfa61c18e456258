"""What a cell of a study is: one ensemble, its names, and its columns in the store."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from geoflow.datasets import Dataset
from geoflow.specs import Architecture, GeometrySpec, StudyDataset, StudySpec
from geoflow.specs.points import earlier_fingerprint
from geoflow.store.records import DatasetRecord, NetworkRecord, options_json
from geoflow.store.request import Request, request
from geoflow.training.sizes import batch_rows, n_held_out

if TYPE_CHECKING:
    from geoflow.training import TrainedNetwork


@dataclass(frozen=True)
class Cell:
    """One ensemble of a study."""

    study: StudySpec
    dataset: StudyDataset
    architecture: Architecture

    @property
    def label(self) -> str:
        """Data set, width and depth, for people."""
        return " ".join(self.place.values())

    def network_name(self, replica: int) -> str:
        """Return the handle of a replica: unique in the store, never parsed."""
        return f"{self.study.name}/{'-'.join(self.place.values())}-{replica}"

    @property
    def place(self) -> dict[str, str]:
        """Where the cell is in the grid: its data set, width and depth."""
        return {
            "dataset": self.dataset.dataset.name,
            "width": self.architecture.width,
            "depth": str(self.architecture.depth),
        }

    @property
    def snapshots(self) -> tuple[int, ...]:
        """After which epochs networks are kept before they are final."""
        last = self.dataset.recipe.epochs
        return tuple(epoch for epoch in self.study.snapshots if epoch < last)

    @property
    def geometry(self) -> GeometrySpec:
        """Which graphs to make of every layer."""
        return self.study.geometry(self.dataset)

    @property
    def request(self) -> Request:
        """What is measured of each network, in canonical form."""
        return request(self.geometry, self.study.transport, self.snapshots, self.study.scores)


def cells(study: StudySpec) -> Iterator[Cell]:
    """Yield the cells of a study, data set by data set, in the order of its file."""
    for dataset in study.datasets:
        for one in study.architectures:
            yield Cell(study, dataset, one)


def dataset_record(data: Dataset) -> DatasetRecord:
    """Return the row of ``datasets`` for a loaded data set."""
    spec, is_named = data.spec, data.spec.file is None
    options = spec.options if spec.file is None else asdict(spec.file)
    return DatasetRecord(
        name=spec.name,
        source=data.source,
        n_test=len(data.x_test),
        n_features=data.n_features,
        fingerprint=data.fingerprint,
        seed=spec.seed,
        scale=spec.scale,
        options=options_json(options),
        n_train=len(data.x_train),
        n_classes=data.n_classes,
        classes=list(data.classes),
        earlier=earlier_fingerprint(data.x_test, data.y_test) if is_named else None,
    )


def settings(cell: Cell, n_train: int, replica: int) -> dict[str, Any]:
    """Return the columns of ``networks`` that are settled before training on n_train rows."""
    recipe = asdict(cell.dataset.recipe)
    held_out = n_held_out(cell.dataset.recipe, n_train)
    recipe["validation_rows"] = held_out
    recipe["batch_size"] = batch_rows(cell.dataset.recipe, n_train - held_out)
    one = cell.architecture
    return {
        "name": cell.network_name(replica),
        "study": cell.study.name,
        "family": one.family,
        "width": one.width,
        "widths": list(one.widths),
        "depth": one.depth,
        "activation": one.activation,
        "batch_norm": one.batch_norm,
        "memory_order": one.memory_order,
        **recipe,
        "seed": cell.study.seed + replica,
        "replica": replica,
        "accuracy_threshold": cell.dataset.threshold,
    }


def snapshot_settings(settled: dict[str, Any], epoch: int) -> dict[str, Any]:
    """Return the settings of a network after some epochs from those of the final network.

    It is the network that a recipe of so many epochs trains.

    >>> snapshot_settings({"name": "a/b-0", "epochs": 50, "seed": 7}, 5)
    {'name': 'a/b-0@5', 'epochs': 5, 'seed': 7, 'final': 'a/b-0'}
    """
    name = settled["name"]
    return {**settled, "name": f"{name}@{epoch}", "epochs": epoch, "final": name}


def network_record(
    settled: dict[str, Any], network: "TrainedNetwork", request: str
) -> NetworkRecord:
    """Return the row of ``networks`` for a trained replica; ``request``: what is measured."""
    return NetworkRecord(
        **settled,
        status="trained" if network.is_finite else "failed",
        reason=None if network.is_finite else "training ended in NaN or infinity",
        train_accuracy=network.train_accuracy,
        test_accuracy=network.test_accuracy,
        train_loss=network.train_loss,
        test_loss=network.test_loss,
        stopped_at=network.stopped_at,
        seconds=network.seconds,
        request=request,
    )
