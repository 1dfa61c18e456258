"""What the store has of the networks of a study, and what was measured of each."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from geoflow.specs import DETAILS, TransportSpec
from geoflow.store import holding
from geoflow.store.request import Request, contradiction, lacking, parsed_request
from geoflow.study._cells import Cell

Ask = Callable[[str, dict[str, Any]], pl.DataFrame]
"""Returns the rows of a SQL statement and its parameters, from a store."""

NETWORKS = (
    "select name, request from networks"
    " where name in (select unnest($names::varchar[])) and final_id is null"
)
MOST_REPLICAS = (
    "select coalesce(max(replica), -1) + 1 from networks"
    " where study in (select unnest($studies::varchar[]))"
)
GRAPHS = (
    "select n.name, g.k, g.convention, g.detail, if(g.n_sources < l.n_points, g.n_sources, null),"
    " if(l.store_rank < l.n_points - 1, l.store_rank, null), g.curvatures"
    " from networks as n join layers as l using (network_id) join graphs as g using (layer_id)"
    " where n.name in (select unnest($names::varchar[])) group by all order by all"
)
SNAPSHOTS = (
    "select n.name, s.epochs from networks as s join networks as n on n.network_id = s.final_id"
    " where n.name in (select unnest($names::varchar[])) order by all"
)
TRANSPORT_THERE = (
    "select n.name, c.radius, c.n_points, if(c.n_directions < d.n_features, c.n_directions, null)"
    " from networks as n join datasets as d using (dataset_id)"
    " semi join transport_tracks as t on t.network_id = n.network_id"
    " left join layer_complexities as c on c.network_id = n.network_id and c.points = 'random'"
    " where n.name in (select unnest($names::varchar[])) group by all order by all"
)
"""What tables tell of networks whose request was not kept; NULL where a limit was not felt."""

parsed = lru_cache(256)(parsed_request)
"""Networks of a study have few different requests."""


@dataclass(frozen=True)
class Stored:
    """What is known of a network of the store: its request, or the rows that tell of it."""

    request: Request | None
    graphs: Sequence[tuple[Any, ...]] = field(default=())
    snapshots: Sequence[tuple[Any, ...]] = field(default=())
    transport: Sequence[tuple[Any, ...]] = field(default=())

    def measured(self, asked: Request) -> Request:
        """Return what was measured; what no table tells is taken for what is asked."""
        if self.request is not None:
            return self.request
        if not self.graphs:  # it diverged: there was nothing to measure
            return asked
        ks, conventions, details, sources, ranks, kinds = zip(*self.graphs, strict=True)
        known = [count for count in sources if count is not None]
        of_undirected = [set(names) for names in kinds if names]
        names = set.intersection(*of_undirected) if of_undirected else set()
        parts = [name.rstrip(")").partition("(") for name in sorted(names)]
        found = replace(
            asked,
            k=tuple(sorted(set(ks))),
            convention=tuple(sorted(set(conventions))),
            detail=min(details, key=DETAILS.index),
            store_rank=None,
            n_sources=min(known) if known else None,
            sources_seed=asked.sources_seed or 0 if known else None,
            curvatures=tuple(sorted({kind for kind, _, _ in parts})),
            alphas=tuple(sorted({float(alpha) for _, _, alpha in parts if alpha})),
            transport=self.transport_measured(asked.transport),
            snapshots=tuple(epoch for (epoch,) in self.snapshots),
            scores=(),
            output=False,
        )
        least = min((rank for rank in ranks if rank is not None), default=found.kept_rank)
        return found if least == found.kept_rank else replace(found, store_rank=least)

    def transport_measured(self, asked: TransportSpec | None) -> TransportSpec | None:
        """Return how transport geometry was measured, None if it was not."""
        if not self.transport:
            return None
        usual = asked or TransportSpec()
        radii, points, directions = zip(*self.transport, strict=True)
        if None in radii:
            return usual
        n_directions = directions[0] or usual.n_directions
        return TransportSpec(tuple(radii), n_directions, points[0], usual.seed)


class Known(dict[str, Stored]):
    """What is known of networks, by name; ``n_replicas``: no replica has that number, or more."""

    n_replicas = 0

    def replicas(self, cell: Cell) -> range:
        """Return the numbers of the replicas of a cell that may be there, however many are asked.

        >>> from geoflow.specs.studyfile import study_spec
        >>> from geoflow.study._cells import cells
        >>> list(Known().replicas(next(cells(study_spec("quickstart")))))
        []
        """
        return range(min(cell.study.replicas, self.n_replicas))


def stored_networks(grid: Iterable[Cell], path: Path, ask: Ask | None = None) -> Known:
    """Return what is known of the networks of cells that the store has, by name.

    ``ask`` asks the store at the path, inside a transaction or with patience for instance.
    """
    found = Known()
    if not path.exists():
        return found
    if ask is None:
        with holding(path) as ask_held:
            return stored_networks(grid, path, ask_held)
    grid = list(grid)
    studies = list({cell.study.name for cell in grid})
    found.n_replicas = ask(MOST_REPLICAS, {"studies": studies}).item()
    wanted = [cell.network_name(at) for cell in grid for at in found.replicas(cell)]
    rows = ask(NETWORKS, {"names": wanted}).rows()
    found.update((name, Stored(text and parsed(text))) for name, text in rows)
    silent = [name for name, one in found.items() if one.request is None]
    if silent:
        told = [
            of_each(ask(sql, {"names": silent})) for sql in (GRAPHS, SNAPSHOTS, TRANSPORT_THERE)
        ]
        for name in silent:
            found[name] = Stored(None, *(rows.get(name, ()) for rows in told))
    return found


def of_each(rows: pl.DataFrame) -> dict[str, list[tuple[Any, ...]]]:
    """Return rows by the name in their first column."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    for name, *rest in rows.iter_rows():
        found.setdefault(name, []).append(tuple(rest))
    return found


def whole_replicas(cell: Cell, there: Known) -> list[int]:
    """Return the replicas of a cell that have all that is asked of them."""
    asked = cell.request
    return [
        replica
        for replica in there.replicas(cell)
        if (one := there.get(cell.network_name(replica))) is not None
        and not lacking(one.measured(asked), asked)
        and contradiction(one.measured(asked), asked) is None
    ]


def is_whole(cell: Cell, there: Known) -> bool:
    """Return whether all networks of a cell have all that is asked of them."""
    return len(whole_replicas(cell, there)) == cell.study.replicas


def lacking_replicas(cell: Cell, path: Path, ask: Ask | None = None) -> Collection[int]:
    """Return the replicas of a cell that are not there, or lack some of what is asked of them."""
    return set(range(cell.study.replicas)) - set(
        whole_replicas(cell, stored_networks([cell], path, ask))
    )
