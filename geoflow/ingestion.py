"""One network's geometry into the store, from the activations a user brings."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from geoflow.archive.layers import read_layers
from geoflow.errors import DatasetError, StoreError
from geoflow.measure import measured, measured_layer
from geoflow.measure.footprint import refuse_large_geometry, refuse_large_transport
from geoflow.measure.transport import MOST_POINTS
from geoflow.specs import (
    GeometrySpec,
    TransportSpec,
    usual_conventions,
)
from geoflow.specs.points import points_fingerprint
from geoflow.specs.values import Made, Maybe, Text, about
from geoflow.store import (
    InputOutgrownError,
    Writer,
    make_ready,
    query,
)
from geoflow.store.inputlayer import missing_input
from geoflow.store.records import DatasetRecord, NetworkRecord, Unit, network_tables
from geoflow.store.request import as_json, request
from geoflow.text.shown import short

DEFAULT_TRANSPORT = TransportSpec()


@dataclass(frozen=True)
class Ingested:
    """What `ingest` wrote: the network's name, its layers, graphs and arrays it had no use for.

    ``not_measured`` says which scores the arrays do not allow, and why.
    """

    network: str
    dataset: str
    n_layers: int
    n_points: int
    n_graphs: int
    left_out: list[str]
    not_measured: list[str]


def ingest(
    source: Path | str | Mapping[str, Any],
    db: Path | str,
    *,
    k: int | Sequence[int],
    name: str | None = None,
    dataset: str | None = None,
    convention: str | Sequence[str] | None = None,
    detail: str = "edges",
    store_rank: int | None = None,
    n_sources: int | None = None,
    device: str = "cpu",
    curvatures: Sequence[str] = (),
    alphas: Sequence[float] = (0.0,),
    transport: TransportSpec | None = DEFAULT_TRANSPORT,
    advance: Callable[[float, str], None] | None = None,
) -> Ingested:
    """Compute the geometry of given activations and write it to the store, all or nothing.

    source: an ``.npz`` file or a mapping with arrays ``layer_00`` (input), ``layer_01``, ... (n,
    d_l), of numpy or what `geoflow.archive.given` takes as such, and, if known, ``labels`` (n,) and
    ``logits`` (n,), (n, 1) or (n, classes), or ``predictions`` (n,). db: the store, created if it
    does not exist. name: of the network, by default that of the file. dataset: of the test points,
    by default the network's; the input layer of a data set is measured once. convention: directed
    if none is named, union with curvatures. n_sources, device, curvatures, alphas: see
    `geoflow.specs.GeometrySpec`. transport: how transport geometry is measured, of at most 8,000
    points, None for not at all; pre-activations ``pre_01``, ... give the non-linearity signature,
    of networks whose layers are their activations, without skip connections.
    ``advance`` is told
    after each hidden layer which share of the work that was. Raises DatasetError for arrays,
    SizeError for what memory has no room for, GeometryError for k, StoreError for names that are
    taken; the store is then unchanged.

    >>> import tempfile
    >>> rng = np.random.default_rng(0)
    >>> arrays = {"layer_00": rng.normal(size=(30, 4)), "layer_01": rng.normal(size=(30, 2))}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     ingest(arrays, Path(folder) / "g.duckdb", k=[4, 8], name="demo").n_graphs
    4
    """
    where, usual = source_names(source)
    name = usual if name is None else name
    for option, given in (("name", name), ("dataset", name if dataset is None else dataset)):
        with about(f"give another --{option}"):
            Text().checked(option, given)
    Maybe(Made(TransportSpec)).checked("transport", transport)
    asked: dict[str, Any] = {  # one value or several, as the fields' rules say
        "k": k,
        "conventions": usual_conventions(curvatures) if convention is None else convention,
        "curvatures": curvatures,
        "alphas": alphas,
    }
    spec = GeometrySpec(
        **asked, detail=detail, store_rank=store_rank, n_sources=n_sources, device=device
    )
    path = Path(db)
    make_ready(path)
    refuse_taken(path, name)
    archive = read_layers(source)
    checked = archive.activations
    labels, n, every_width = checked.labels, checked.n, checked.widths
    refuse_large_geometry(n, every_width[1:], spec)
    if transport is not None and n <= MOST_POINTS:
        refuse_large_transport(every_width, checked.pre is not None)
    record = DatasetRecord(
        name=dataset or name,
        source="ingest",
        n_test=n,
        n_features=checked.layers[0].shape[1],
        fingerprint=points_fingerprint(checked.layers[0], labels),
        n_classes=None if labels is None else len(np.unique(labels)),
        classes=None if labels is None else [str(one) for one in np.unique(labels)],
    )
    origin = measured_layer(checked.layers[0], 0, spec, labels) if spec.curvatures else None
    input_layer = missing_input(path, record, checked.layers[0], labels, spec, origin)
    share = 1 / (len(checked.layers) - 1)
    hidden = measured(
        checked,
        spec,
        transport if n <= MOST_POINTS else None,
        origin=origin,
        advance=None if advance is None else lambda: advance(share, name),
    )
    not_measured = []
    if transport is not None and n > MOST_POINTS:
        not_measured.append(f"transport geometry: {n} points are over {MOST_POINTS}")
    elif transport is not None:
        track = hidden.tables["transport_tracks"].row(0, named=True)
        if track["n_steps"] is None:
            not_measured.append(f"straightness and optimal transport: {track['reason']}")
        if checked.pre is None:
            not_measured.append("non-linearity signature: there are no arrays pre_01, pre_02, ...")
        not_measured.append("local complexity: it needs the network itself, not its activations")
    widths = every_width[1:]
    network = NetworkRecord(
        name=name,
        study="ingest",
        width="-".join(map(str, widths)),
        widths=widths,
        depth=len(widths),
        test_accuracy=None if checked.correct is None else float(checked.correct.mean()),
        status="ingested",
        request=request(spec, transport).json,
    )
    whole = as_json({"source": where, "geometry": spec, "transport": transport, "name": name})
    writer = Writer(path, f"ingest({where}, name={name})", seed=None, request=whole)
    tables = network_tables([hidden])
    while True:
        with suppress(InputOutgrownError):
            writer.write_alone(Unit(record, labels, input_layer, [network], tables))
            break
        input_layer = missing_input(path, record, checked.layers[0], labels, spec, origin)
    graphs = sum(frames.tables["graphs"].height for frames in hidden.layers)
    if input_layer is not None:
        graphs += input_layer.tables["graphs"].height
    return Ingested(
        name,
        record.name,
        len(checked.layers),
        n,
        graphs,
        archive.left_out,
        not_measured,
    )


def source_names(source: Path | str | Mapping[str, Any]) -> tuple[str, str]:
    """Return what the arrays are called in words, and what their network is by default.

    >>> source_names("runs/mine.npz")
    ('runs/mine.npz', 'mine')
    """
    if isinstance(source, Mapping):
        return "the arrays", "network"
    if not isinstance(source, str | Path):
        raise DatasetError(
            f"the source is of type {type(source).__name__}: give the path of an .npz file, or a"
            " dictionary of arrays"
        )
    return short(source, 300), Path(source).stem


def refuse_taken(path: Path, name: str) -> None:
    """Refuse a network name that is in the store, before anything is computed."""
    if not path.exists():
        return
    taken = query(path, "select 1 from networks where name = $name", {"name": name})
    if taken.height:
        raise StoreError(f"network '{name}' is already in {path}: give another --name")
