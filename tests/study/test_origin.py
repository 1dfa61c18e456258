"""The input layer is measured once by a process, and the tables are those of measuring it anew."""

from dataclasses import replace

import pytest
from written_stores import natural

from geoflow.datasets import load
from geoflow.specs import DatasetSpec, Recipe, StudyDataset, StudySpec, architecture
from geoflow.study import _origin as origin
from geoflow.study import run_study

TWO = tuple(
    StudyDataset(DatasetSpec(name, n_train=60, n_test=30), k, recipe=Recipe(epochs=1))
    for name, k in (("circles", 4), ("inner_discs", 5))
)
GRID = StudySpec(
    "grid", TWO, tuple(map(architecture, ("4,4", "5,5", "6,6"))), 1,
    curvatures=("forman", "ollivier"),
)  # fmt: skip


@pytest.fixture
def measured(monkeypatch):
    """The data sets whose input layer is measured by the cells, in order."""
    found, original = [], origin.measured_layer

    def counted(points, layer, *rest):
        found.append(len(points[0]))
        return original(points, layer, *rest)

    monkeypatch.setattr(origin, "measured_layer", counted)
    return found


@pytest.mark.slow
def test_the_input_layer_of_each_data_set_is_measured_once(tmp_path, measured):
    run_study(GRID, tmp_path / "held.duckdb")
    assert measured == [2, 2]
    assert origin._held == {}


@pytest.mark.slow
def test_the_tables_are_those_of_cells_that_measure_it_anew(tmp_path, measured, monkeypatch):
    run_study(GRID, tmp_path / "held.duckdb")
    for module in ("_origin", "_settling"):
        monkeypatch.setattr(f"geoflow.study.{module}.held_origin", lambda *_: None)
    run_study(GRID, tmp_path / "anew.duckdb")
    assert len(measured) == 2 + 6
    assert natural(tmp_path / "held.duckdb") == natural(tmp_path / "anew.duckdb")


def test_another_spec_or_other_points_are_measured_anew(measured):
    first, second = (load(one.dataset) for one in TWO)
    spec = GRID.geometry(TWO[0])
    try:
        kept = origin.measured_origin(first, spec, 1)
        assert origin.measured_origin(first, spec, 1) is kept
        others = [(second, spec), (first, replace(spec, k=(5,))), (first, replace(spec, seed=1))]
        for data, asked in others:
            assert origin.held_origin(data, asked) is None
            assert origin.measured_origin(data, asked, 1) is not kept
        assert len(measured) == 1 + len(others)
        assert origin.measured_origin(first, replace(spec, curvatures=()), 1) is None
        assert len(measured) == 1 + len(others)
    finally:
        origin.forget_origin()
