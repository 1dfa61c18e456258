"""How far a study is: done, failed and waiting cells, and the time that is left."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import polars as pl

from geoflow.specs import StudySpec
from geoflow.store import query, refuse_no_place
from geoflow.study._cells import Cell, cells
from geoflow.study._presence import Ask, stored_networks, whole_replicas


def failed_before(
    study: StudySpec, path: Path, ask: Ask | None = None
) -> dict[tuple[str, ...], str]:
    """Return why cells of a study failed, by (dataset, width, depth)."""
    if not path.exists():
        return {}
    rows = (ask or partial(query, path))(
        "select dataset, width, depth::varchar, reason from failed_cells where study = $study",
        {"study": study.name},
    )
    return {row[:3]: row[3] for row in rows.iter_rows()}


def study_status(study: StudySpec, path: Path) -> pl.DataFrame:
    """Return one row per cell of a study: how many networks it has, lacks, failed, below threshold.

    A network that lacks some of what the study measures is lacked. ``state``: done, failed,
    waiting, or partly there. ``seconds_left`` is the time that the missing networks will need at
    the mean pace of the study so far, None before the first cell.
    """
    counts: dict[tuple[str, ...], tuple[int, int]] = {}
    pace = None
    refuse_no_place(path)
    if path.exists():
        rows = query(
            path,
            "select d.name, n.width, n.depth::varchar,"
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
    grid = list(cells(study))
    there = stored_networks(grid, path)
    table = [
        cell_status(cell, len(whole_replicas(cell, there)), counts, pace, failures) for cell in grid
    ]
    return pl.DataFrame(table, schema_overrides={"seconds_left": pl.Int64, "reason": pl.String})


def cell_status(
    cell: Cell,
    n_done: int,
    counts: Mapping[tuple[str, ...], tuple[int, int]],
    pace: float | None,
    failures: Mapping[tuple[str, ...], str],
) -> dict[str, str | float | int | None]:
    """Return the row of one cell; see `study_status`."""
    study, key = cell.study, tuple(cell.place.values())
    n_below, n_diverged = counts.get(key, (0, 0))
    n_missing = study.replicas - n_done
    states = {0: "done", study.replicas: "waiting"}
    reason = failures.get(key) if n_missing else None
    return {
        "study": study.name,
        "dataset": key[0],
        "width": key[1],
        "depth": cell.architecture.depth,
        "state": "failed" if reason else states.get(n_missing, "partly there"),
        "n_networks": study.replicas,
        "n_done": n_done,
        "n_below_threshold": n_below,
        "n_diverged": n_diverged,
        "seconds_left": None if pace is None else round(pace * n_missing),
        "reason": reason,
    }
