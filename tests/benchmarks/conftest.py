"""Graphs that all contestants share, and peak memory printed under the table of times."""

import numpy as np
import pytest

from geoflow.geometry.graph import knn_graph
from geoflow.geometry.neighbors.knn import neighbors

MEMORY: list[str] = []


@pytest.fixture(scope="session")
def layer() -> np.ndarray:
    """2,000 points of 50 rectified features, as a hidden layer has them."""
    rng = np.random.default_rng(0)
    return np.maximum(rng.normal(size=(2000, 50)), 0).astype(np.float32)


@pytest.fixture(scope="session")
def ranked(layer):
    return neighbors(layer, 500)


@pytest.fixture(scope="session")
def dense(ranked):
    return knn_graph(ranked, 500, "union")


@pytest.fixture(scope="session")
def memory():
    return MEMORY


def pytest_terminal_summary(terminalreporter):
    for line in MEMORY:
        terminalreporter.write_line(line)
