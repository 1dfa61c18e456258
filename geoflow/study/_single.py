"""One ensemble of the user's choice: a study of a single cell."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Unpack

from geoflow.machine.said import said
from geoflow.specs import (
    Architecture,
    DatasetSpec,
    GeometryWords,
    Recipe,
    StudyDataset,
    StudySpec,
    TransportSpec,
    asked_geometry,
    asked_transport,
    beside_k,
)
from geoflow.specs import architecture as architecture_of
from geoflow.study._listener import Listener
from geoflow.study.run import StudyRun, run_study


class TrainWords(GeometryWords, total=False):
    """What `train` is told beside the geometry: fields of `StudySpec` and `StudyDataset`."""

    replicas: int
    threshold: float | None
    snapshots: Sequence[int]
    transport: TransportSpec | bool | None
    scores: Sequence[str]


def train(
    dataset: DatasetSpec | str,
    architecture: Architecture | str,
    db: Path | str,
    *,
    recipe: Recipe | None = None,
    study: str = "train",
    data_dir: Path | None = None,
    listener: Listener | None = None,
    **options: Unpack[TrainWords],
) -> StudyRun:
    """Train and measure one ensemble: a study of a single cell; see `run_study`.

    dataset, architecture: a spec, or the name of a data set and a list of widths. options:
    ``replicas`` (1), ``threshold`` (none), ``snapshots`` (none), ``transport`` (True; False, or a
    TransportSpec), ``scores`` (none; names of a user's own), and those of geometry: ``k``,
    ``convention`` and the other fields of `geoflow.specs.GeometrySpec`, or ``geometry``, which is
    all of them. The defaults are those of `geoflow.ingest`, a single network's: transport geometry,
    and detail edges. Replica r has seed ``seed + r``.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     circles = DatasetSpec("circles", n_train=40, n_test=40)
    ...     train(circles, "8,8", Path(folder) / "g.duckdb", k=6, recipe=Recipe(epochs=2)).n_written
    1
    """
    words: dict[str, Any] = dict(options)
    own: dict[str, Any] = {"replicas": words.pop("replicas", 1)}
    own |= {name: words.pop(name, ()) for name in ("snapshots", "scores")}
    threshold, transport = words.pop("threshold", None), words.pop("transport", True)
    geometry = asked_geometry(words)
    spec = DatasetSpec(dataset) if isinstance(dataset, str) else dataset
    one = architecture_of(architecture) if isinstance(architecture, str) else architecture
    whole = StudySpec(
        name=study,
        datasets=(StudyDataset(spec, geometry.k, threshold, recipe or Recipe()),),
        architectures=(one,),
        transport=asked_transport(transport),
        **own | beside_k(geometry),
    )
    with said(f"train({spec.name}, {one.width})"):
        return run_study(whole, db, data_dir, listener, retry_failed=True)
