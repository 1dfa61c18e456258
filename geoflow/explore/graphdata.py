"""The layer graphs of a network as bytes: a line of JSON that says what lies where, then arrays.

    4 bytes little endian: length of the JSON, padded to a multiple of 8
    JSON: facts, and for each array its name, type, shape, and first byte after the JSON
    arrays, little endian, each at a multiple of 8

About 5 MB for 11 layers of 2,000 points and 50 neighbours: positions as float32, the ends of edges
as uint16 up to 65,536 points. Degrees and Forman's curvature follow from the edges in the browser.
"""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from geoflow.store.layergraphs import StoredGraphs, undirected_edges

ALIGNED = 8


def in_one_answer(facts: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> bytes:
    """Return facts and arrays as bytes.

    >>> in_one_answer({"n": 2}, {"x": np.array([1.0], np.float32)})[4:26]
    b'{"n": 2, "arrays": [{"'
    """
    listed, parts, place = [], [], 0
    for name, array in arrays.items():
        whole = np.ascontiguousarray(array)
        kind = whole.dtype.name
        listed.append({"name": name, "type": kind, "shape": whole.shape, "start": place})
        data = whole.astype(whole.dtype.newbyteorder("<"), copy=False).tobytes()
        data += bytes(-len(data) % ALIGNED)
        parts.append(data)
        place += len(data)
    head = json.dumps({**facts, "arrays": listed}).encode()
    head += b" " * (-(len(head) + 4) % ALIGNED)
    return len(head).to_bytes(4, "little") + head + b"".join(parts)


def read_answer(data: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return the facts and the arrays of bytes.

    >>> facts, arrays = read_answer(in_one_answer({"n": 2}, {"x": np.array([[1.5, 2.0]])}))
    >>> facts, arrays["x"].tolist()
    ({'n': 2}, [[1.5, 2.0]])
    """
    start = 4 + int.from_bytes(data[:4], "little")
    facts = json.loads(data[4:start])
    arrays = {}
    for one in facts.pop("arrays"):
        count = int(np.prod(one["shape"]))
        flat = np.frombuffer(data, one["type"], count, start + one["start"])
        arrays[one["name"]] = flat.reshape(one["shape"])
    return facts, arrays


def graph_arrays(graphs: StoredGraphs, positions: list[np.ndarray]) -> dict[str, np.ndarray]:
    """Return positions (layers, n, d), the edges and degrees of each layer, and what points are."""
    n = graphs.layers[0].graph.n
    small: Any = np.uint16 if n <= 2**16 else np.uint32
    arrays = {"positions": np.stack(positions).astype(np.float32)}
    for one in graphs.layers:
        arrays[f"edges {one.layer}"] = undirected_edges(one.graph).astype(small)
        arrays[f"degree {one.layer}"] = one.graph.degrees.astype(np.uint32)
    points = graphs.points
    if points.height == n and points["label"].null_count() == 0:
        arrays["label"] = class_numbers(points["label"].to_numpy(), graphs.classes)[0]
        if points["predicted"].null_count() == 0:
            numbers = class_numbers(points["label"].to_numpy(), graphs.classes)[1]
            arrays["predicted"] = np.array(
                [numbers.get(one, -1) for one in points["predicted"].to_list()], np.int32
            )
    if points.height == n and points["margin"].null_count() < n:
        arrays["margin"] = points["margin"].cast(float).fill_null(float("nan")).to_numpy()
        arrays["margin"] = arrays["margin"].astype(np.float32)
    return arrays


def class_numbers(labels: np.ndarray, classes: list[str]) -> tuple[np.ndarray, dict[int, int]]:
    """Return the number of each point's class (n,) among the names of classes, and by label.

    Labels count from 0, or are as many as the names, which stand in their order.

    >>> class_numbers(np.array([8, 3, 8]), ["3", "8"])[0].tolist()
    [1, 0, 1]
    """
    known = np.unique(labels)
    if len(known) == len(classes) or not (known >= 0).all() or known.max() >= len(classes):
        numbers = {int(label): at for at, label in enumerate(known)}
    else:
        numbers = {int(label): int(label) for label in range(len(classes))}
    return np.array([numbers[int(label)] for label in labels], np.int32), numbers


def class_names(graphs: StoredGraphs) -> list[str]:
    """Return the names of the classes by their number."""
    labels = graphs.points["label"].drop_nulls().unique().sort().to_list()
    if len(graphs.classes) >= len(labels) and graphs.classes:
        return list(graphs.classes)
    return [str(label) for label in labels]
