"""Requests are compared as the sets of what they ask for."""

import itertools
import json

import numpy as np
import pytest

from geoflow.errors import StoreError
from geoflow.specs import DETAILS, DatasetSpec, GeometrySpec, Recipe, TransportSpec
from geoflow.store.request import (
    as_json,
    contradiction,
    lacking,
    parsed_request,
    request,
    together,
)

RNG = np.random.default_rng(0)


def some(values):
    """Some of the values, at least one, in any order, perhaps twice."""
    return tuple(RNG.choice(values, RNG.integers(1, len(values) + 1)).tolist())


def drawn():
    detail = str(RNG.choice(DETAILS))
    spec = GeometrySpec(
        some([4, 6, 20]),
        (*some(["directed", "mutual"]), "union"),
        detail,
        store_rank=[None, 5, 30][RNG.integers(3)],
        n_sources=None if detail == "pairs" else [None, 10, 20][RNG.integers(3)],
        curvatures=some(["forman", "ollivier"]) if RNG.random() < 0.7 else (),
        alphas=some([0.0, 0.5]),
    )
    transport = TransportSpec((*some([0.1]), 0.5) if RNG.random() < 0.5 else (0.1,))
    return request(
        spec, transport if RNG.random() < 0.6 else None, some([0, 1]) if RNG.random() < 0.5 else ()
    )


def parts(one):
    """Everything that a request asks for, item by item."""
    found = set(itertools.product(one.k, one.convention))
    found |= {("curvature", kind, alpha) for kind in one.curvatures for alpha in one.alphas or [0]
              if kind == "ollivier"}  # fmt: skip
    found |= {("curvature", kind) for kind in one.curvatures if kind != "ollivier"}
    found |= {("detail", name) for name in DETAILS[: DETAILS.index(one.detail) + 1]}
    found |= {("rank", rank) for rank in range(one.store_rank or 0)}
    found |= {("source", at) for at in range(one.n_sources or 100)}
    found |= {("snapshot", epoch) for epoch in one.snapshots}
    if one.transport is not None:
        found |= {"transport", *(("radius", radius) for radius in one.transport.radii)}
    return found


def test_a_request_has_another_where_it_has_all_its_parts():
    seen = {True: 0, False: 0}
    for _ in range(8_000):
        stored, asked = drawn(), drawn()
        if stored.store_rank is None and asked.store_rank is not None:
            continue  # what the detail implies is compared below
        if asked.store_rank is None and stored.store_rank is not None:
            continue
        has_all = parts(asked) <= parts(stored)
        assert has_all == (not lacking(stored, asked)), (stored, asked)
        seen[has_all] += 1
    assert min(seen.values()) > 40


def test_two_together_have_all_of_both_and_no_more():
    for _ in range(2_000):
        one, other = drawn(), drawn()
        both = together(one, other)
        assert both == together(other, one)
        assert not lacking(both, one)
        assert not lacking(both, other)
        assert together(both, one) == both
        assert set(both.k) == {*one.k, *other.k}
        assert set(both.snapshots) == {*one.snapshots, *other.snapshots}
        assert parsed_request(both.json) == both


@pytest.mark.parametrize(
    ("stored", "asked", "lacks"),
    [
        ({"detail": "nodes"}, {"detail": "nodes"}, []),
        ({"detail": "nodes"}, {"detail": "nodes", "store_rank": 10}, []),
        ({"detail": "nodes"}, {"detail": "nodes", "store_rank": 11}, ["neighbours up to rank 11"]),
        ({"detail": "edges"}, {"detail": "nodes"}, []),
        ({"detail": "edges"}, {"detail": "nodes", "store_rank": 9}, ["neighbours up to rank 9"]),
        ({"detail": "nodes", "store_rank": 3}, {"detail": "nodes"}, ["neighbours up to rank 10"]),
    ],
)
def test_the_rank_of_neighbours_is_what_the_detail_implies_if_none_is_given(stored, asked, lacks):
    one, other = (request(GeometrySpec((8,), **fields)) for fields in (stored, asked))
    assert lacking(one, other) == lacks


def test_equal_requests_have_one_form_whatever_is_said_of_what_changes_nothing():
    one = GeometrySpec((8, 4, 8), ("union", "directed"), alphas=(0.5,), seed=9, device="cuda")
    other = GeometrySpec((4, 8), ("directed", "union"))
    assert request(one).json == request(other).json
    assert list(json.loads(request(one).json)) == sorted(json.loads(request(one).json))
    assert request(GeometrySpec((4,), n_sources=5)) != request(GeometrySpec((4,)))


def test_what_was_measured_otherwise_contradicts():
    def asked(seed=0, n_sources=5, **fields):
        return request(GeometrySpec((4,), n_sources=n_sources, seed=seed), TransportSpec(**fields))

    assert contradiction(asked(), asked(n_points=7, radii=(9.0,))) is None
    assert (
        contradiction(asked(seed=1), asked(seed=2)) == "with another seed of the sources (1, now 2)"
    )
    assert contradiction(asked(seed=1), asked(seed=2, n_sources=None)) is None
    assert "n_directions" in contradiction(asked(n_directions=3), asked(n_directions=4))
    assert contradiction(asked(), request(GeometrySpec((4,)))) is None


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"k": [1], "more": 2}', "null", '{"transport": 3}']
)
def test_a_request_that_cannot_be_read_is_said_so_in_a_line(text):
    with pytest.raises(StoreError, match="a request in the store cannot be read") as caught:
        parsed_request(text)
    assert "\n" not in str(caught.value)


def test_all_that_was_asked_of_an_invocation_is_json():
    spec = DatasetSpec("circles", options={"gap": 0.5})
    found = json.loads(as_json({"data": spec, "recipe": Recipe(), "k": np.arange(2), "only": ()}))
    assert found["data"]["options"] == {"gap": 0.5}
    assert found["recipe"]["epochs"] == 50
    assert (found["k"], found["only"]) == ([0, 1], [])
