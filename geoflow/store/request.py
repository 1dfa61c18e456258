"""What is measured of a network, in one canonical form: specs -> `Request` -> JSON, and back.

A request is stored with each network. Asked again, a network that has all of it is there; what it
lacks can be measured by training it again; what contradicts, no training mends.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from typing import Any, TypeVar

import numpy as np

from geoflow.errors import StoreError
from geoflow.specs import CURVATURES, DETAILS, STUDY_STORE_RANK, GeometrySpec, TransportSpec

Value = TypeVar("Value", int, float, str)


@dataclass(frozen=True)
class Request:
    """What is measured of a network, with every default resolved and nothing that changes no row.

    ``n_sources``: None for all points, ``sources_seed`` None with it; ``store_rank``: None for what
    the detail implies; ``alphas``: none where no curvature has one; ``snapshots``: epochs;
    ``scores``: labels of those that a user has added; ``output``: whether the output is a layer; a
    request that says nothing of it was kept before there were any.
    """

    k: tuple[int, ...]
    convention: tuple[str, ...]
    detail: str
    store_rank: int | None
    n_sources: int | None
    sources_seed: int | None
    curvatures: tuple[str, ...]
    alphas: tuple[float, ...]
    transport: TransportSpec | None
    snapshots: tuple[int, ...] = ()
    scores: tuple[str, ...] = ()
    output: bool = False

    @property
    def kinds(self) -> set[str]:
        """Every curvature, with its idle mass where it has one."""
        return {
            f"{kind}({alpha})" if CURVATURES[kind].has_alpha else kind
            for kind in self.curvatures
            for alpha in (self.alphas if CURVATURES[kind].has_alpha else (0.0,))
        }

    @property
    def kept_rank(self) -> int:
        """Up to which rank neighbours are kept of many points."""
        usual = max(self.k) if self.detail in ("edges", "pairs") else STUDY_STORE_RANK
        return usual if self.store_rank is None else self.store_rank

    @property
    def json(self) -> str:
        """The canonical form: equal for equal requests."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))


def request(
    geometry: GeometrySpec,
    transport: TransportSpec | None = None,
    snapshots: Sequence[int] = (),
    scores: Sequence[str] = (),
) -> Request:
    """Return the canonical form of what is asked.

    >>> one, same = GeometrySpec((8, 4), alphas=(0.5,)), GeometrySpec((4, 8, 8))
    >>> request(one) == request(same)
    True
    """
    has_alpha = any(CURVATURES[kind].has_alpha for kind in geometry.curvatures)
    return Request(
        k=tuple(sorted(set(geometry.k))),
        convention=tuple(sorted(set(geometry.convention))),
        detail=geometry.detail,
        store_rank=geometry.store_rank,
        n_sources=geometry.n_sources,
        sources_seed=None if geometry.n_sources is None else geometry.seed,
        curvatures=tuple(sorted(set(geometry.curvatures))),
        alphas=tuple(sorted(set(geometry.alphas))) if has_alpha else (),
        transport=transport and replace(transport, radii=tuple(sorted(transport.radii))),
        snapshots=tuple(sorted(set(snapshots))),
        scores=tuple(sorted(set(scores))),
        output=bool(geometry.output),
    )


def parsed_request(text: str) -> Request:
    """Return the request of a JSON text, as ``networks.request`` keeps it.

    >>> one = request(GeometrySpec((4,), ("union",), curvatures=("ollivier",)), TransportSpec())
    >>> parsed_request(one.json) == one
    True
    """
    try:
        found: dict[str, Any] = json.loads(text)
        lists = {key: tuple(one) for key, one in found.items() if isinstance(one, list)}
        transport = found["transport"] and TransportSpec(
            **found["transport"] | {"radii": tuple(found["transport"]["radii"])}
        )
        return Request(**found | lists | {"transport": transport})
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        reason = " ".join(str(error).split())
        raise StoreError(
            f"a request in the store cannot be read ({reason}): use the geoflow that wrote it"
        ) from None


def lacking(stored: Request, asked: Request) -> list[str]:
    """Return in words what is asked and not stored; nothing where all of it is there.

    >>> stored = request(GeometrySpec((4, 8), detail="nodes"))
    >>> lacking(stored, request(GeometrySpec((4, 6), ("union",), detail="edges")))
    ['k = 6', 'convention union', 'detail edges']
    >>> lacking(stored, request(GeometrySpec((4,), detail="graphs", n_sources=100)))
    []
    """
    found = [f"k = {k}" for k in asked.k if k not in stored.k]
    found += [f"convention {one}" for one in asked.convention if one not in stored.convention]
    if DETAILS.index(asked.detail) > DETAILS.index(stored.detail):
        found.append(f"detail {asked.detail}")
    ranks = (stored.store_rank, asked.store_rank)
    if ranks != (None, None) and asked.kept_rank > stored.kept_rank:
        found.append(f"neighbours up to rank {asked.kept_rank}")
    if (stored.n_sources or math.inf) < (asked.n_sources or math.inf):
        found.append(f"hop totals from {asked.n_sources or 'all'} points")
    found += [f"curvature {kind}" for kind in sorted(asked.kinds - stored.kinds)]
    found += [f"snapshot at epoch {one}" for one in asked.snapshots if one not in stored.snapshots]
    found += ["the output as a layer"] if asked.output and not stored.output else []
    found += [f"score {one}" for one in asked.scores if one not in stored.scores]
    if asked.transport is not None:
        if stored.transport is None:
            return [*found, "transport geometry"]
        held = stored.transport
        found += [f"radius {one:g}" for one in asked.transport.radii if one not in held.radii]
        if asked.transport.n_points > held.n_points:
            found.append(f"complexity at {asked.transport.n_points} points")
    return found


def contradiction(stored: Request, asked: Request) -> str | None:
    """Return in words what was measured otherwise than is asked, None if nothing was.

    >>> one, other = (request(GeometrySpec((4,)), TransportSpec(seed=seed)) for seed in (0, 5))
    >>> contradiction(one, other)
    'with another seed of transport geometry (0, now 5)'
    """
    pairs = []
    if stored.sources_seed is not None and asked.sources_seed is not None:
        pairs.append(("seed of the sources", stored.sources_seed, asked.sources_seed))
    if stored.transport is not None and asked.transport is not None:
        one, other = stored.transport, asked.transport
        pairs.append(("n_directions of transport geometry", one.n_directions, other.n_directions))
        pairs.append(("seed of transport geometry", one.seed, other.seed))
    for what, before, now in pairs:
        if before != now:
            return f"with another {what} ({before}, now {now})"
    return None


def together(one: Request, other: Request) -> Request:
    """Return a request that holds all of two which do not contradict each other.

    >>> both = together(request(GeometrySpec((4,), n_sources=9)), request(GeometrySpec((8,))))
    >>> both.k, both.n_sources
    ((4, 8), None)
    """
    sources = [one.n_sources, other.n_sources]
    known = [count for count in sources if count is not None]
    n_sources = max(known) if len(known) == len(sources) else None
    seeds = (one.sources_seed, other.sources_seed)
    transport = one.transport or other.transport
    if one.transport is not None and other.transport is not None:
        transport = replace(
            one.transport,
            radii=joined(one.transport.radii, other.transport.radii),
            n_points=max(one.transport.n_points, other.transport.n_points),
        )
    both = Request(
        k=joined(one.k, other.k),
        convention=joined(one.convention, other.convention),
        detail=max(one.detail, other.detail, key=DETAILS.index),
        store_rank=None,
        n_sources=n_sources,
        sources_seed=None if n_sources is None else next(one for one in seeds if one is not None),
        curvatures=joined(one.curvatures, other.curvatures),
        alphas=joined(one.alphas, other.alphas),
        transport=transport,
        snapshots=joined(one.snapshots, other.snapshots),
        scores=joined(one.scores, other.scores),
        output=one.output or other.output,
    )
    rank = max(one.kept_rank, other.kept_rank)
    is_given = one.store_rank is not None and other.store_rank is not None
    return replace(both, store_rank=rank) if is_given or rank > both.kept_rank else both


def joined(one: tuple[Value, ...], other: tuple[Value, ...]) -> tuple[Value, ...]:
    """Return the values of both, each once, in order."""
    return tuple(sorted(set(one) | set(other)))


def as_json(asked: Mapping[str, Any]) -> str:
    """Return all that was asked of an invocation as JSON, specs as tables of their fields.

    >>> as_json({"spec": GeometrySpec((4,)), "jobs": 2})[:32]
    '{"jobs":2,"spec":{"alphas":[0.0]'
    """
    return json.dumps(asked, default=plain, sort_keys=True, separators=(",", ":"))


def plain(value: Any) -> Any:
    """Return what JSON knows in place of a spec, a mapping, numbers of numpy or anything else."""
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    return str(value)
