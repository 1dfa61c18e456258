"""One network's geometry into the store, from the activations a user brings."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from geoflow.archive import checked_layers, read_npz
from geoflow.errors import StoreError
from geoflow.frames import LayerFrames, kept_rank, layer_frames, network_frames
from geoflow.records import DatasetRecord, NetworkRecord, Unit, fingerprint, layer_tables
from geoflow.specs import GeometrySpec, whole_numbers
from geoflow.store import Writer, covered, query, refuse_no_folder


@dataclass(frozen=True)
class Ingested:
    """What `ingest` wrote: the network's name, its layers, graphs and arrays it had no use for."""

    network: str
    dataset: str
    n_layers: int
    n_points: int
    n_graphs: int
    left_out: list[str]


def ingest(
    source: Path | str | Mapping[str, np.ndarray],
    db: Path | str,
    *,
    k: int | Sequence[int],
    name: str | None = None,
    dataset: str | None = None,
    convention: str | Sequence[str] = "directed",
    detail: str = "edges",
    store_rank: int | None = None,
    n_sources: int | None = None,
    device: str = "cpu",
    advance: Callable[[float, str], None] | None = None,
) -> Ingested:
    """Compute the geometry of given activations and write it to the store, all or nothing.

    source: an ``.npz`` file or a mapping with arrays ``layer_00`` (input), ``layer_01``, ...
    (n, d_l) and, if known, ``labels`` (n,). db: the store, created if it does not exist. name:
    of the network, by default that of the file. dataset: of the test points, by default the
    network's; the input layer of a data set is measured once. n_sources, device: see
    `geoflow.specs.GeometrySpec`. ``advance`` is told
    after each hidden layer which share of the work that was. Raises DatasetError for arrays,
    GeometryError for k, StoreError for names that are taken; the store is then unchanged.

    >>> import tempfile
    >>> rng = np.random.default_rng(0)
    >>> arrays = {"layer_00": rng.normal(size=(30, 4)), "layer_01": rng.normal(size=(30, 2))}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     ingest(arrays, Path(folder) / "g.duckdb", k=[4, 8], name="demo").n_graphs
    4
    """
    where = "the arrays" if isinstance(source, Mapping) else str(source)
    arrays = source if isinstance(source, Mapping) else read_npz(Path(source))
    name = name or ("network" if isinstance(source, Mapping) else Path(source).stem)
    checked = checked_layers(arrays, where)
    spec = GeometrySpec(
        k=whole_numbers(k),
        conventions=tuple([convention] if isinstance(convention, str) else convention),
        detail=detail,
        store_rank=store_rank,
        n_sources=n_sources,
        device=device,
    )
    labels = checked.labels
    record = DatasetRecord(
        name=dataset or name,
        source="ingest",
        n_test=len(checked.layers[0]),
        n_features=checked.layers[0].shape[1],
        fingerprint=fingerprint(checked.layers[0], labels),
        n_classes=None if labels is None else len(np.unique(labels)),
        classes=None if labels is None else [str(one) for one in np.unique(labels)],
    )
    path = Path(db)
    refuse_no_folder(path)
    refuse_taken(path, name)
    input_layer = missing_input(path, record, checked.layers[0], spec)
    share = 1 / (len(checked.layers) - 1)
    hidden = network_frames(
        checked.layers[1:], spec, None if advance is None else lambda: advance(share, name)
    )
    widths = [layer.shape[1] for layer in checked.layers[1:]]
    network = NetworkRecord(
        name=name,
        study="ingest",
        width="-".join(map(str, widths)),
        widths=widths,
        depth=len(widths),
        status="ingested",
    )
    writer = Writer(path, f"ingest {where} --name {name}", seed=None)
    writer.write(Unit(record, labels, input_layer, [network], layer_tables([hidden])))
    writer.finish()
    graphs = sum(frames.tables["graphs"].height for frames in hidden)
    if input_layer is not None:
        graphs += input_layer.tables["graphs"].height
    return Ingested(name, record.name, len(checked.layers), record.n_test, graphs, checked.left_out)


def refuse_taken(path: Path, name: str) -> None:
    """Refuse a network name that is in the store, before anything is computed."""
    if not path.exists():
        return
    taken = query(path, "select 1 from networks where name = $name", {"name": name})
    if taken.height:
        raise StoreError(f"network '{name}' is already in {path}: give another --name")


def missing_input(
    path: Path, record: DatasetRecord, points: np.ndarray, spec: GeometrySpec
) -> LayerFrames | None:
    """Return the rows of the input layer that the store lacks for this spec, None if none."""
    if path.exists():
        key = {"name": record.name, "fingerprint": record.fingerprint}
        stored = query(
            path,
            "select g.k, g.convention, g.detail, g.n_sources, l.store_rank from graphs as g"
            " join layers as l using (layer_id) join datasets as d using (dataset_id)"
            " where l.network_id is null and d.name = $name and d.fingerprint = $fingerprint",
            key,
        )
        asked = (spec.detail, spec.n_sources or len(points))
        there = {
            (k, convention)
            for k, convention, detail, n_sources, rank in stored.iter_rows()
            if covered((detail, n_sources), asked) and rank >= kept_rank(spec, len(points))
        }
        if all((k, convention) in there for k in spec.k for convention in spec.conventions):
            return None
    return layer_frames(points, 0, spec)
