"""What a run of a study has to do: data sets checked, cells sorted into done and missing."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from geoflow.datasets import load
from geoflow.errors import DatasetError, GeometryError
from geoflow.geometry.layer import checked_k, refuse_sources
from geoflow.specs import StudySpec
from geoflow.store import holding
from geoflow.store.records import DatasetRecord
from geoflow.study._cells import Cell, cells, dataset_record
from geoflow.study._cost import cost_of
from geoflow.study._presence import is_whole, stored_networks
from geoflow.study.plan import Todo, still_to_do
from geoflow.study.status import failed_before
from geoflow.training.sizes import n_held_out, refuse_lone_row


@dataclass(frozen=True)
class Agenda:
    """The cells of a run, sorted.

    ``todo``: those to train, in order; ``gone``: those whose data set cannot be read;
    ``failed_before``: those that failed and are not to be tried again, with the reason; ``stale``:
    whole cells that the store says had failed. ``n_present`` networks are there, ``n_missing`` are
    to be trained.
    """

    todo: list[Todo]
    gone: list[Cell]
    failed_before: list[tuple[Cell, str]]
    stale: list[Cell]
    n_present: int
    n_missing: int


def agenda_of(
    study: StudySpec,
    chosen: Sequence[Cell],
    records: Mapping[str, DatasetRecord],
    path: Path,
    retry_failed: bool,
) -> Agenda:
    """Return what is to do of the chosen cells; ``records``: the data sets that can be read."""
    with holding(path) if path.exists() else nullcontext() as ask:
        there, failed = stored_networks(cells(study), path, ask), failed_before(study, path, ask)
        whole = [cell for cell in cells(study) if is_whole(cell, there)]
        stale = [cell for cell in whole if failed.pop(tuple(cell.place.values()), None)]
        before = {} if retry_failed else failed
        fresh = [cell for cell in chosen if tuple(cell.place.values()) not in before]
        gone = [
            cell for cell in fresh if cell.dataset.dataset.name not in records and cell not in whole
        ]
        todo = long_data_sets_first(still_to_do(fresh, records, path, ask), study)
    n_missing = sum(len(one.replicas) for one in todo)
    places = [(cell, before.get(tuple(cell.place.values()))) for cell in chosen]
    return Agenda(
        todo,
        gone,
        [(cell, reason) for cell, reason in places if reason],
        stale,
        study.replicas * (len(fresh) - len(gone)) - n_missing,
        n_missing,
    )


def long_data_sets_first(todo: Sequence[Todo], study: StudySpec) -> list[Todo]:
    """Return what is to do of a study, data sets with the longest cells first: short ones end it.

    A worker is then not left alone for long with the last cell. Cells of a data set stay together,
    as a process holds the input layer of one, and in their order. It is the same for any number of
    workers, and whatever is done already: keys are given in it.
    """
    longest: dict[str, float] = {}
    names = {one.cell.dataset.dataset.name for one in todo}  # files of others may be gone
    for cell in cells(study):
        if (name := cell.dataset.dataset.name) in names:
            longest[name] = max(longest.get(name, 0.0), cost_of(cell, study.replicas).seconds)
    return sorted(todo, key=lambda one: longest[one.cell.dataset.dataset.name], reverse=True)


def checked_datasets(
    chosen: Sequence[Cell], data_dir: Path | None
) -> tuple[dict[str, DatasetRecord], dict[str, str]]:
    """Return the data sets of the cells by name, and why some cannot be read.

    Refuses k, sources, validation rows and batches that do not fit the points, before anything is
    trained. Where no data set can be read, raises the first one's DatasetError.
    """
    records: dict[str, DatasetRecord] = {}
    absent: dict[str, DatasetError] = {}
    for one in dict.fromkeys(cell.dataset.dataset.name for cell in chosen):
        cell = next(cell for cell in chosen if cell.dataset.dataset.name == one)
        try:
            data = load(cell.dataset.dataset, data_dir)
        except DatasetError as error:
            absent[one] = error
            continue
        n_seen = len(data.x_train) - n_held_out(cell.dataset.recipe, len(data.x_train))
        for kind in cell.study.architectures:
            refuse_lone_row(n_seen, kind, cell.dataset.recipe)
        try:
            checked_k(cell.dataset.k, len(data.x_test))
            refuse_sources(cell.geometry, len(data.x_test))
        except GeometryError as error:
            raise GeometryError(f"data set '{one}': {error}") from None
        records[one] = dataset_record(data)
    if absent and not records:
        raise next(iter(absent.values()))
    return records, {name: str(error) for name, error in absent.items()}
