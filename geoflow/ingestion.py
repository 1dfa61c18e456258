"""One network's geometry into the store, from the activations a user brings."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any, Unpack

import numpy as np
import polars as pl

from geoflow.archive.layers import Archive, read_layers
from geoflow.archive.made import checked_given
from geoflow.errors import DatasetError, SpecError, StoreError
from geoflow.measure import Activations, NetworkFrames, measured, measured_layer
from geoflow.measure.drawn import MOST_POINTS
from geoflow.measure.footprint import refuse_large_geometry, refuse_large_transport
from geoflow.measure.layers import LayerFrames
from geoflow.scores import Score, own_scores, scores_without_value
from geoflow.specs import (
    GeometrySpec,
    GeometryWords,
    TransportSpec,
    asked_geometry,
    asked_transport,
)
from geoflow.specs.points import points_fingerprint
from geoflow.specs.values import Text, about, brief
from geoflow.store import (
    InputOutgrownError,
    Writer,
    make_ready,
    query,
)
from geoflow.store.inputlayer import missing_input
from geoflow.store.ownscores import refuse_other_scores
from geoflow.store.records import DatasetRecord, NetworkRecord, Unit, network_tables
from geoflow.store.request import as_json, request
from geoflow.text.shown import short

OF_SNAPSHOT = re.compile(r"@[0-9]+$")
"""How the name of a network ends that is a snapshot of another."""


@dataclass(frozen=True)
class Ingested:
    """What `ingest` wrote: the network's name, its layers, graphs and arrays it had no use for.

    ``not_measured`` says which scores the arrays do not allow, and why. Both are kept in the table
    ``left_out``.
    """

    network: str
    dataset: str
    n_layers: int
    n_points: int
    n_graphs: int
    left_out: list[str]
    not_measured: list[str]


def ingest(
    source: Path | str | Mapping[str, Any] | Activations,
    db: Path | str,
    *,
    name: str | None = None,
    dataset: str | None = None,
    transport: TransportSpec | bool = True,
    scores: Sequence[str] = (),
    advance: Callable[[float, str], None] | None = None,
    **options: Unpack[GeometryWords],
) -> Ingested:
    """Compute the geometry of given activations and write it to the store, all or nothing.

    source: an ``.npz`` file or a mapping with arrays ``layer_00`` (input), ``layer_01``, ... (n,
    d_l), of numpy, torch, polars, pandas or lists, and, if known, ``labels`` (n,) and ``logits``
    (n,), (n, 1) or (n, classes), or ``predictions`` (n,). Where curvatures are asked for the last
    layer is ``output`` (n, 1 or classes), else the probabilities of the logits. Or what
    `geoflow.activations` gives of a torch module. db: the store, made if it is not there. name: of
    the network, by default that of the file. dataset: of the test points, by default the network's;
    the input layer of a data set is measured once. transport: whether, or how, transport geometry
    is measured, on 8,000 points of more; ``pre_01``, ... (what enters each activation) give the
    non-linearity signature, with ``post_01``, ... (what leaves it) where skip connections are added
    before the layer. scores: names of a user's own: `geoflow.layer_score`. ``advance`` is told
    after each hidden layer what share that was. options: ``k``, ``convention`` and the other fields
    of `geoflow.specs.GeometrySpec`, or ``geometry``.
    Raises DatasetError for arrays, SizeError for what memory has no room for, GeometryError for k,
    StoreError for names that are taken; the store is then unchanged.

    >>> import tempfile
    >>> rng = np.random.default_rng(0)
    >>> arrays = {"layer_00": rng.normal(size=(30, 4)), "layer_01": rng.normal(size=(30, 2))}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     ingest(arrays, Path(folder) / "g.duckdb", k=[4, 8], name="demo").n_graphs
    4
    """
    where, name, dataset = checked_names(source, name, dataset)
    asked, spec = asked_transport(transport), asked_geometry(options)
    refuse_unready(path := store_path(db), name, own := own_scores(scores))
    archive = given_archive(source, where)
    refuse_large(found := archive.activations, spec, asked)
    record = given_dataset(dataset, found)
    origin = measured_layer(found.layers[0], 0, spec, found.labels) if spec.curvatures else None

    def lacking() -> LayerFrames | None:
        return missing_input(path, record, found.layers[0], found.labels, spec, origin)

    input_layer = lacking()
    told = None if advance is None else partial(advance, 1 / (len(found.layers) - 1), name)
    frames = measured(found, spec, asked, origin=origin, advance=told, scores=own)
    unmeasured = not_measured(found, asked, spec, frames)
    frames.tables["left_out"] = left_out_frame(archive.left_out | unmeasured)
    how_asked = {"geometry": spec, "transport": asked, "scores": [one.label for one in own]}
    whole = as_json({"source": where, "name": name, "dataset": dataset} | how_asked)
    network = given_network(name, found, spec, asked, own)
    unit = Unit(record, found.labels, input_layer, [network], network_tables([frames]), own)
    writer = Writer(path, f"ingest({where}, name={name})", seed=None, request=whole)
    unit = write(writer, unit, lacking)
    reasons = [": ".join(one) for one in unmeasured.items()] + scores_without_value(frames.tables)
    counts = len(found.layers), found.n, n_graphs(unit)
    return Ingested(name, dataset, *counts, list(archive.left_out), reasons)


def given_archive(source: Path | str | Mapping[str, Any] | Activations, where: str) -> Archive:
    """Return what a user brings, checked."""
    if isinstance(source, Activations):
        return Archive(checked_given(source, where), {})
    return read_layers(source)


def write(writer: Writer, unit: Unit, lacking: Callable[[], LayerFrames | None]) -> Unit:
    """Write a unit and return it; its input layer is measured again as long as it is outgrown."""
    while True:
        try:
            writer.write_alone(unit)
            return unit
        except InputOutgrownError:
            unit = replace(unit, input_layer=lacking())


def n_graphs(unit: Unit) -> int:
    """Return how many graphs a unit adds to the store."""
    own = 0 if unit.input_layer is None else unit.input_layer.tables["graphs"].height
    return own + unit.tables["graphs"].height


def checked_names(
    source: Path | str | Mapping[str, Any] | Activations, name: str | None, dataset: str | None
) -> tuple[str, str, str]:
    """Return what the arrays are called in words, the name of the network and of its data set."""
    where, usual = source_names(source)
    network = usual if name is None else name
    points = network if dataset is None else dataset
    for option, given in (("name", network), ("dataset", points)):
        with about(f"give another --{option}"):
            Text().checked(option, given)
    if OF_SNAPSHOT.search(network):
        raise SpecError(f"name '{network}' ends as those of snapshots do: give another --name")
    return where, network, points


def source_names(source: Path | str | Mapping[str, Any] | Activations) -> tuple[str, str]:
    """Return what the arrays are called in words, and what their network is by default.

    >>> source_names("runs/mine.npz")
    ('runs/mine.npz', 'mine')
    """
    if isinstance(source, Mapping):
        return "the arrays", "network"
    if isinstance(source, Activations):
        return source.source or "the activations", "network"
    if not isinstance(source, str | Path):
        raise DatasetError(
            f"the source is of type {type(source).__name__}: give the path of an .npz file, or a"
            " dictionary of arrays, or what geoflow.activations gives"
        )
    return short(source, 300), Path(source).stem


def store_path(db: Any) -> Path:
    """Return the path of a store, or say what is none."""
    if isinstance(db, str | PathLike):
        return Path(db)
    raise StoreError(f"db is {brief(db)}: give the path of the store, such as geoflow.duckdb")


def refuse_unready(path: Path, name: str, own: Sequence[Score]) -> None:
    """Refuse a store that cannot take the network, or has its name, before anything is computed."""
    make_ready(path)
    refuse_other_scores(path, own)
    if not path.exists():
        return
    taken = query(path, "select 1 from networks where name = $name", {"name": name})
    if taken.height:
        raise StoreError(f"network '{name}' is already in {path}: give another --name")


def refuse_large(found: Activations, spec: GeometrySpec, how: TransportSpec | None) -> None:
    """Refuse what memory has no room for, before it is measured."""
    last = [found.output.shape[1]] if spec.output and found.output is not None else []
    refuse_large_geometry(found.n, [*found.widths[1:], *last], spec)
    if how is not None:
        refuse_large_transport(found)


def given_dataset(name: str, found: Activations) -> DatasetRecord:
    """Return the row of ``datasets`` for the points of a user."""
    classes = None if found.labels is None else [str(one) for one in np.unique(found.labels)]
    return DatasetRecord(
        name=name,
        source="ingest",
        n_test=found.n,
        n_features=found.widths[0],
        fingerprint=points_fingerprint(found.layers[0], found.labels),
        n_classes=None if classes is None else len(classes),
        classes=classes,
    )


def given_network(
    name: str,
    found: Activations,
    spec: GeometrySpec,
    transport: TransportSpec | None,
    own: Sequence[Score],
) -> NetworkRecord:
    """Return the row of ``networks`` for the network of a user."""
    widths = found.widths[1:]
    return NetworkRecord(
        name=name,
        study="ingest",
        width="-".join(map(str, widths)),
        widths=widths,
        depth=len(widths),
        test_accuracy=None if found.correct is None else float(found.correct.mean()),
        status="ingested",
        request=request(spec, transport, scores=[one.label for one in own]).json,
    )


def not_measured(
    found: Activations, asked: TransportSpec | None, spec: GeometrySpec, frames: NetworkFrames
) -> dict[str, str]:
    """Return what the activations do not allow of what was asked for, and why."""
    lacking = {}
    if spec.output and found.output is None:
        lacking["the output as a layer"] = "there are no arrays output or logits"
    if found.output is not None and not spec.output:
        lacking["the output as a layer"] = "it is measured with curvatures, or with --output-layer"
    if asked is None:
        return lacking
    if found.n > MOST_POINTS:
        what = f"transport geometry of {found.n - MOST_POINTS} of the points"
        lacking[what] = f"{MOST_POINTS} are drawn with seed {asked.seed}"
    track = frames.tables["transport_tracks"].row(0, named=True)
    if track["n_steps"] is None:
        lacking["straightness and optimal transport"] = track["reason"]
    if found.pre is None:
        lacking["non-linearity signature"] = "there are no arrays pre_01, pre_02, ..."
    if found.forward is None:
        lacking["local complexity"] = "it needs the network itself, not its activations"
    return lacking


def left_out_frame(why: Mapping[str, str]) -> pl.DataFrame:
    """Return left_out: what was not used or not measured, and why."""
    rows = {"what": [short(name, 200) for name in why], "reason": list(why.values())}
    return pl.DataFrame(rows, schema={"what": pl.String, "reason": pl.String})
