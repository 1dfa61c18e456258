"""What of a study is to do: replicas that the store lacks, or that lack what is asked of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial, reduce
from pathlib import Path
from typing import Any

from geoflow.errors import StoreError
from geoflow.geometry.compiled import n_threads
from geoflow.machine.log import LOG
from geoflow.store import holding, query
from geoflow.store.records import DatasetRecord
from geoflow.store.request import Request, contradiction, lacking, together
from geoflow.study._cells import Cell, settings
from geoflow.study._estimate import Estimate, estimate
from geoflow.study._presence import Ask, Stored, stored_networks, whole_replicas

REMEDY = "name this study differently, or use another --db"

SHORT_SECONDS = 10.0
"""A study of less, its start among it, is done by one process."""


@dataclass(frozen=True)
class Todo:
    """A cell and the replicas of it that are to be trained and measured.

    They are not in the store, or lack there some of what is asked: these are trained again, and the
    cell then asks for all that they have too.
    """

    cell: Cell
    replicas: tuple[int, ...]


def forecast(chosen: Sequence[Cell], path: Path, jobs: int, slots: int | None = None) -> Estimate:
    """Return about what is left to do of cells; neither data nor networks are looked at.

    slots: how many cells workers elsewhere do at once, in place of jobs on this machine. Networks
    are counted as there by their names and by what was measured of them; whether they were trained
    as is asked is for `still_to_do` to say.
    """
    there = stored_networks(chosen, path)
    counted = [(one, len(whole_replicas(one, there))) for one in chosen]
    n_again = len(there) - sum(n_whole for _, n_whole in counted)
    at_once, cores = (jobs, n_threads()) if slots is None else (max(slots, 1), max(slots, 1))
    return replace(estimate(counted, at_once, cores), n_again=n_again)


def usual_jobs(chosen: Sequence[Cell]) -> int:
    """Return how many cells are at work at once where nobody says: as many as there are cores.

    One where all is done before another process has begun: it imports torch for two seconds. What
    the store has already is not asked.
    """
    whole = estimate([(one, 0) for one in chosen], jobs=1, cores=n_threads())
    return 1 if whole.seconds < SHORT_SECONDS else n_threads()


def still_to_do(
    chosen: Sequence[Cell],
    records: Mapping[str, DatasetRecord],
    path: Path,
    ask: Ask | None = None,
) -> list[Todo]:
    """Return the cells with something to do; refuse namesakes of another recipe.

    ``ask`` asks the store at the path, which is held for it otherwise.
    """
    if ask is None and path.exists():
        with holding(path) as held:
            return still_to_do(chosen, records, path, held)
    known = [(cell, records.get(cell.dataset.dataset.name)) for cell in chosen]
    found = [to_do(cell, record, path, ask) for cell, record in known if record is not None]
    return [one for one in found if one.replicas]


def to_do(cell: Cell, record: DatasetRecord, path: Path, ask: Ask | None = None) -> Todo:
    """Return what is to do of a cell; refuse namesakes that no training makes what is asked.

    ``ask`` asks the store at the path, inside a transaction or with patience for instance.
    """
    if not path.exists():
        return Todo(cell, tuple(range(cell.study.replicas)))
    ask = ask or partial(query, path)
    names = [cell.network_name(replica) for replica in range(cell.study.replicas)]
    rows = ask(
        "select n.*, d.fingerprint from networks as n join datasets as d using (dataset_id)"
        " where n.name in (select unnest($names))",
        {"names": names},
    )
    trained = {row["name"]: row for row in rows.iter_rows(named=True)}
    there = stored_networks([cell], path, ask)
    replicas, held = [], []
    for replica, name in enumerate(names):
        if name not in trained:
            replicas.append(replica)
            continue
        refuse_other_training(trained[name], settings(cell, record.n_train or 0, replica), path)
        refuse_other_points(trained[name], record, path)
        if lacks := what_lacks(name, there[name], cell, path):
            LOG.info("%s lacks %s: it is trained again", name, ", ".join(lacks))
            replicas.append(replica)
            held.append(there[name].measured(cell.request))
    wide = widened(cell, reduce(together, held, cell.request)) if held else cell
    return Todo(wide, tuple(replicas))


def refuse_other_training(row: Mapping[str, Any], wanted: Mapping[str, Any], path: Path) -> None:
    """Refuse a network of the store that was trained otherwise."""
    for key, value in wanted.items():
        if row[key] != value:
            raise StoreError(
                f"network '{row['name']}' is in {path} with another {key} ({row[key]}, now"
                f" {value}): {REMEDY}"
            )


def refuse_other_points(row: Mapping[str, Any], record: DatasetRecord, path: Path) -> None:
    """Refuse a network of the store that was measured on other points."""
    if row["fingerprint"] not in record.points.values():
        raise StoreError(
            f"network '{row['name']}' is in {path} with another fingerprint of the points of"
            f" '{record.name}' ({row['fingerprint']}, now {record.fingerprint}): {REMEDY}"
        )


def what_lacks(name: str, stored: Stored, cell: Cell, path: Path) -> list[str]:
    """Return in words what a network of the store lacks; refuse one that contradicts the study."""
    asked = cell.request
    measured = stored.measured(asked)
    if reason := contradiction(measured, asked):
        raise StoreError(f"network '{name}' is in {path} {reason}: {REMEDY}")
    return lacking(measured, asked)


def widened(cell: Cell, asked: Request) -> Cell:
    """Return a cell of the same networks of which all of a request is measured."""
    dataset = replace(cell.dataset, k=asked.k)
    study = replace(
        cell.study,
        datasets=(dataset,),
        convention=asked.convention,
        detail=asked.detail,
        store_rank=asked.store_rank,
        n_sources=asked.n_sources,
        curvatures=asked.curvatures,
        alphas=asked.alphas or cell.study.alphas,
        snapshots=asked.snapshots,
        transport=asked.transport,
        scores=asked.scores,
        output=asked.output,
    )
    return Cell(study, dataset, cell.architecture)
