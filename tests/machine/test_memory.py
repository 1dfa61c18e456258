"""What does not fit in the memory that is free is refused before it is taken."""

import numpy as np
import pytest
from hostile_npz import GOOD

from geoflow.errors import GeoflowError, SizeError
from geoflow.ingestion import ingest
from geoflow.machine.memory import free_memory, group_rooms, refuse_beyond_memory

V2 = {"memory.max": "1000", "memory.current": "900", "memory.stat": "anon 1\ninactive_file 50\n"}
V1 = {
    "memory.limit_in_bytes": "1000",
    "memory.usage_in_bytes": "900",
    "memory.stat": "inactive_file 1\ntotal_inactive_file 50\n",
}


@pytest.fixture
def groups(tmp_path):
    """Return a function that writes a tree of control groups and returns the rooms they leave."""

    def rooms(membership, folders):
        (tmp_path / "membership").write_text(membership)
        for folder, files in folders.items():
            (tmp_path / "root" / folder).mkdir(parents=True, exist_ok=True)
            for name, text in files.items():
                (tmp_path / "root" / folder / name).write_text(text)
        return list(group_rooms(tmp_path / "membership", tmp_path / "root"))

    return rooms


def test_every_group_over_the_process_counts(groups):
    tree = {"a/b": V2, "a": V2 | {"memory.max": "max"}, ".": V2 | {"memory.current": "100"}}
    assert groups("0::/a/b\n", tree) == [150, 950]


def test_a_container_sees_its_group_at_the_root(groups):
    assert groups("0::/docker/of/the/host\n", {".": V2}) == [150]


def test_version_1_has_a_tree_for_memory(groups):
    assert groups("9:cpu:/x\n4:memory:/job\n0::/\n", {"memory/job": V1, "memory": {}}) == [150]


def test_no_groups_no_limit(groups, tmp_path):
    assert groups("", {}) == list(group_rooms(tmp_path / "none", tmp_path)) == []


def test_the_edge_is_what_is_free():
    free = free_memory()
    refuse_beyond_memory("half", free // 2, "less")
    with pytest.raises(
        SizeError, match=r"twice would take .*B, but only .*B of memory is free: less"
    ):
        refuse_beyond_memory("twice", 2 * free, "less")


HUGE = {
    "an array": (
        {"layer_01": np.broadcast_to(np.float64(1), (30, 2**45))},
        {},
        "layer_01 in the arrays, as float64, would take 8.4 PB, .* free: give fewer points",
    ),
    "labels": ({"labels": np.broadcast_to(1, 2**50)}, {}, "labels in the arrays, .* 9 PB"),
    "pairs": (
        {f"layer_{at:02d}": np.zeros((3000, 1)) for at in range(3000)},
        {"detail": "pairs"},
        "the graphs of 2999 layers of 3,000 points would .* or less than --detail pairs",
    ),
    "wide": (
        {name: np.ones((3, 10**6)) for name in ("layer_01", "layer_02")},
        {"k": 1},
        "transport geometry of layers of width 1,000,000 would take 48 TB, .*or --no-transport",
    ),
}


@pytest.mark.parametrize("kind", HUGE)
def test_what_is_beyond_memory_is_refused_before_it_is_taken(kind, tmp_path):
    arrays, options, message = HUGE[kind]
    n = len(arrays.get("layer_01", GOOD["layer_01"]))
    good = {name: np.resize(array, (n, *array.shape[1:])) for name, array in GOOD.items()}
    with pytest.raises(GeoflowError, match=message) as caught:
        ingest(good | arrays, tmp_path / "g.duckdb", **{"k": 4} | options)
    assert isinstance(caught.value, SizeError)
    assert not list(tmp_path.iterdir())
