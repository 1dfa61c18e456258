"""A torch module into the store in one call: its activations, taken and measured."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Unpack

from geoflow.capturing import activations
from geoflow.errors import refuse_unknown
from geoflow.ingestion import Ingested, checked_names, ingest, refuse_unready, store_path
from geoflow.scores import own_scores
from geoflow.specs import CaptureWords, GeometryWords, TransportSpec, asked_geometry


class CaptureOptions(GeometryWords, CaptureWords, total=False):
    """What `capture` is told beside layers and pool: words of `ingest` and of `activations`."""

    dataset: str | None
    transport: TransportSpec | bool
    scores: Sequence[str]
    advance: Callable[[float, str], None] | None


TAKING = tuple(CaptureWords.__annotations__)


def capture(
    model: Any,
    data: Any,
    labels: Any = None,
    *,
    db: Path | str,
    name: str,
    layers: Any = None,
    pool: Any = None,
    **options: Unpack[CaptureOptions],
) -> Ingested:
    """Measure the layers of a torch module on some data and write them to the store.

    model, data, labels, layers, pool: see `geoflow.activations`. db: the store, made if it is not
    there. name: of the network. options: those of `geoflow.activations` (``memory``,
    ``batch_size``, ``project``, ``project_seed``) and those of `geoflow.ingest` (``k``,
    ``convention``, ``detail``, ``dataset``, ``transport``, ``scores``, ...); transport geometry is
    measured only where it is asked for. All or nothing: after an error store and model are as they
    were.

    >>> import tempfile, torch
    >>> net = torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.ReLU())
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     points = torch.randn(30, 3)
    ...     capture(net, points, db=Path(folder) / "g.duckdb", name="net", k=4).n_layers
    2
    """
    refuse_unknown("option", options, (*CaptureOptions.__annotations__, "layers", "pool"))
    path = store_path(db)
    words: dict[str, Any] = {"transport": False, **options}
    taking = {word: words.pop(word) for word in TAKING if word in words}
    own = {word: words.pop(word) for word in ("dataset", "transport", "scores") if word in words}
    advance = words.pop("advance", None)
    geometry = asked_geometry(words)
    checked_names({}, name, own.get("dataset"))
    refuse_unready(path, name, own_scores(own.get("scores", ())))
    found = activations(model, data, labels, layers=layers, pool=pool, **taking)
    return ingest(found, path, name=name, advance=advance, geometry=geometry, **own)
