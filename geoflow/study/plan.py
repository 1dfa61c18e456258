"""What of a study is to do: chosen cells, replicas that the store lacks, cells that failed."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from geoflow.errors import SpecError, StoreError, unknown
from geoflow.geometry.compiled import n_threads
from geoflow.measure.local import asked_kinds
from geoflow.specs import StudySpec
from geoflow.store import query, refuse_no_place
from geoflow.store.records import DatasetRecord
from geoflow.study.cells import Cell, cells, settings
from geoflow.study.estimate import Estimate, estimate

AXES = ("dataset", "width", "depth")
"""What tells the cells of a study apart."""


Ask = Callable[[str, dict[str, Any]], pl.DataFrame]
"""Returns the rows of a SQL statement and its parameters, from a store."""


@dataclass(frozen=True)
class Todo:
    """A cell and the replicas of it that are not in the store."""

    cell: Cell
    replicas: tuple[int, ...]


def chosen_cells(study: StudySpec, only: Sequence[str] = ()) -> list[Cell]:
    """Return the cells of a study that one of the selections names, all if there is none.

    A selection is a text such as ``dataset=mnist_1v7,depth=11``: all its parts must hold.

    >>> from geoflow.specs.studyfile import study_spec
    >>> quickstart = study_spec("quickstart")
    >>> [cell.label for cell in chosen_cells(quickstart, ["dataset=digits_3v8,depth=5"])]
    ['digits_3v8 narrow 5', 'digits_3v8 wide 5']
    """
    grid = list(cells(study))
    wanted = [parsed_selection(text, grid) for text in only]
    for text, one in zip(only, wanted, strict=True):
        if not any(one.items() <= cell.place.items() for cell in grid):
            raise SpecError(f"--only {text}: study '{study.name}' has no such cell; see its status")
    return [
        cell
        for cell in grid
        if not wanted or any(one.items() <= cell.place.items() for one in wanted)
    ]


def parsed_selection(text: str, grid: Sequence[Cell]) -> dict[str, str]:
    """Return the parts of a selection, refusing what no cell of the grid has."""
    found = {}
    for part in text.split(","):
        axis, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals:
            raise SpecError(f"--only {text}: write for instance dataset=mnist_1v7,depth=11")
        if axis not in AXES:
            raise unknown("part of --only", axis, AXES, "choose one of these")
        known = {cell.place[axis] for cell in grid}
        if value not in known:
            raise unknown(axis, value, known, f"these are in study '{grid[0].study.name}'")
        if axis in found:
            raise SpecError(f"--only {text} names {axis} twice: repeat --only to choose both")
        found[axis] = value
    return found


def forecast(chosen: Sequence[Cell], path: Path, jobs: int) -> Estimate:
    """Return about what is left to do of cells; neither data nor networks are looked at.

    Networks are counted as there by study, data set, width and depth; whether they are what is
    asked for is for `still_to_do` to say.
    """
    there = {name: networks_there(name, path) for name in {one.study.name for one in chosen}}
    counted = [
        (one, min(there[one.study.name].get(tuple(one.place.values()), 0), one.study.replicas))
        for one in chosen
    ]
    return estimate(counted, jobs, n_threads())


def networks_there(study: str, path: Path) -> dict[tuple[str, ...], int]:
    """Return how many networks of a study the store has, by (dataset, width, depth)."""
    if not path.exists():
        return {}
    rows = query(
        path,
        "select d.name, n.width, n.depth::varchar, count(*) from networks as n"
        " join datasets as d using (dataset_id) where n.study = $study and n.final_id is null"
        " group by all",
        {"study": study},
    )
    return {row[:3]: row[3] for row in rows.iter_rows()}


def still_to_do(
    chosen: Sequence[Cell], records: Mapping[str, DatasetRecord], path: Path
) -> list[Todo]:
    """Return the cells that lack replicas, with those; refuse namesakes of another recipe."""
    missing = [
        Todo(cell, missing_replicas(cell, records[cell.dataset.dataset.name], path))
        for cell in chosen
        if cell.dataset.dataset.name in records
    ]
    return [one for one in missing if one.replicas]


def missing_replicas(
    cell: Cell, record: DatasetRecord, path: Path, ask: Ask | None = None
) -> tuple[int, ...]:
    """Return the replicas of a cell that the store lacks; refuse namesakes of another recipe.

    ``ask`` asks the store at the path, inside a transaction or with patience for instance.
    """
    replicas = range(cell.study.replicas)
    if not path.exists():
        return tuple(replicas)
    ask = ask or partial(query, path)
    names = [cell.network_name(replica) for replica in replicas]
    stored = ask(
        "select n.*, d.fingerprint from networks as n join datasets as d using (dataset_id)"
        " where n.name in (select unnest($names))",
        {"names": names},
    )
    there = {row["name"]: row for row in stored.iter_rows(named=True)}
    missing = []
    for replica in replicas:
        wanted = settings(cell, record.n_train or 0, replica) | {"fingerprint": record.fingerprint}
        row = there.get(wanted["name"])
        if row is None:
            missing.append(replica)
            continue
        other = [key for key, value in wanted.items() if row[key] != value]
        if other:
            raise StoreError(
                f"network '{wanted['name']}' is in {path} with another {other[0]}"
                f" ({row[other[0]]}, now {wanted[other[0]]}): name this study differently, or use"
                " another --db"
            )
    present = [name for name in names if name in there]
    refuse_other_graphs(cell, path, present, ask)
    refuse_missing_snapshots(cell, path, present, ask)
    refuse_missing_transport(cell, path, present, ask)
    return tuple(missing)


def refuse_other_graphs(cell: Cell, path: Path, names: Sequence[str], ask: Ask) -> None:
    """Refuse to take networks for present that lack graphs this study asks for."""
    graphs = ask(
        "select n.name, g.k, g.convention, any_value(g.curvatures) from networks as n"
        " join layers as l using (network_id) join graphs as g using (layer_id)"
        " where n.name in (select unnest($names)) group by all",
        {"names": list(names)},
    )
    stored = {row[:3]: set(row[3]) for row in graphs.iter_rows()}
    spec = cell.geometry
    for name in sorted({row[0] for row in stored}):
        for convention in spec.convention:
            for k in spec.k:
                what = f"network '{name}' is in {path} without k = {k}, {convention}"
                remedy = "name this study differently, or use another --db"
                if (name, k, convention) not in stored:
                    raise StoreError(f"{what}: {remedy}")
                lacks = asked_kinds(spec, convention) - stored[name, k, convention]
                if lacks:
                    raise StoreError(f"{what}, curvature {min(lacks)}: {remedy}")


def refuse_missing_transport(cell: Cell, path: Path, names: Sequence[str], ask: Ask) -> None:
    """Refuse to take networks for present that lack the transport geometry this study asks for."""
    if cell.study.transport is None:
        return
    rows = ask(
        "select name from networks anti join transport_tracks using (network_id)"
        " where name in (select unnest($names)) and status <> 'failed' order by name limit 1",
        {"names": list(names)},
    )
    for (name,) in rows.iter_rows():
        raise StoreError(
            f"network '{name}' is in {path} without transport geometry: name this study"
            " differently, or use another --db"
        )


def refuse_missing_snapshots(cell: Cell, path: Path, names: Sequence[str], ask: Ask) -> None:
    """Refuse to take networks for present that lack snapshots this study asks for."""
    rows = ask(
        "select n.name, s.epochs from networks as s"
        " join networks as n on n.network_id = s.final_id where n.name in (select unnest($names))",
        {"names": list(names)},
    )
    stored = set(rows.iter_rows())
    for name in names:
        for epoch in cell.snapshots:
            if (name, epoch) not in stored:
                raise StoreError(
                    f"network '{name}' is in {path} without its snapshot at epoch {epoch}: name"
                    " this study differently, or use another --db"
                )


def written_networks(study: StudySpec, path: Path) -> set[str]:
    """Return the names of the networks of a study that the store has."""
    if not path.exists():
        return set()
    sql = "select name from networks where study = $study and final_id is null"
    return set(query(path, sql, {"study": study.name})["name"])


def is_whole(cell: Cell, written: Collection[str]) -> bool:
    """Return whether all networks of a cell are among those that are written."""
    return all(cell.network_name(replica) in written for replica in range(cell.study.replicas))


def failed_before(study: StudySpec, path: Path) -> dict[tuple[str, ...], str]:
    """Return why cells of a study failed, by (dataset, width, depth)."""
    if not path.exists():
        return {}
    rows = query(
        path,
        "select dataset, width, depth::varchar, reason from failed_cells where study = $study",
        {"study": study.name},
    )
    return {row[:3]: row[3] for row in rows.iter_rows()}


def study_status(study: StudySpec, path: Path) -> pl.DataFrame:
    """Return one row per cell of a study: how many networks it has, lacks, failed, below threshold.

    ``state``: done, failed, waiting, or partly there. ``seconds_left`` is the time that the
    missing networks will need at the mean pace of the study so far, None before the first cell.
    """
    counts: dict[tuple[str, ...], tuple[int, int, int]] = {}
    pace = None
    refuse_no_place(path)
    if path.exists():
        rows = query(
            path,
            "select d.name, n.width, n.depth::varchar, count(*),"
            " count(*) filter (where n.test_accuracy <= n.accuracy_threshold),"
            " count(*) filter (where n.status = 'failed')"
            " from networks as n join datasets as d using (dataset_id)"
            " where n.study = $study and n.final_id is null group by all",
            {"study": study.name},
        )
        counts = {row[:3]: row[3:] for row in rows.iter_rows()}
        pace = query(
            path,
            "select sum(epoch(r.finished - r.started)) / sum(w.n_networks) from runs as r"
            " join (select run_id, count(*) as n_networks from networks where study = $study"
            " and final_id is null group by run_id) as w using (run_id)",
            {"study": study.name},
        ).item()
    failures = failed_before(study, path)
    table = []
    for cell in cells(study):
        key = tuple(cell.place.values())
        n_done, n_below, n_diverged = counts.get(key, (0, 0, 0))
        n_missing = max(study.replicas - n_done, 0)
        states = {0: "done", study.replicas: "waiting"}
        reason = failures.get(key) if n_missing else None
        state = "failed" if reason else states.get(n_missing, "partly there")
        table.append(
            {
                "study": study.name,
                "dataset": key[0],
                "width": key[1],
                "depth": cell.architecture.depth,
                "state": state,
                "n_networks": study.replicas,
                "n_done": n_done,
                "n_below_threshold": n_below,
                "n_diverged": n_diverged,
                "seconds_left": None if pace is None else round(pace * n_missing),
                "reason": reason,
            }
        )
    return pl.DataFrame(table, schema_overrides={"seconds_left": pl.Int64, "reason": pl.String})
