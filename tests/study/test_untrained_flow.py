"""The flow of untrained networks, beside what others measured of three networks of each kind."""

import os
from dataclasses import replace

import pytest

import geoflow
from geoflow.specs.studyfile import study_spec
from geoflow.study import run_study

MEANS = {
    "circles": {"hidden": -0.40, "output": -0.07},
    "mnist_1v7": {"hidden": -0.46, "output": 0.08},
    "fashion_sandal_v_sneaker": {"hidden": -0.68, "output": 0.07},
}
"""Mean local coefficients by series end; 25 units, 10 layers, k = 50, augmented Forman."""


@pytest.mark.slow
@pytest.mark.parametrize("dataset", MEANS)
def test_untrained_means_are_near_those_that_others_measured(dataset, tmp_path):
    if dataset != "circles" and not os.environ.get("GEOFLOW_DATA"):
        pytest.skip("GEOFLOW_DATA does not hold the images")
    study = study_spec("local_published")
    (kind,) = (one for one in study.architectures if (one.width, one.depth) == ("25", 10))
    (data,) = (one for one in study.datasets if one.dataset.name == dataset)
    hardly = replace(data, recipe=replace(data.recipe, epochs=1))
    run_study(
        replace(study, datasets=(hardly,), architectures=(kind,), curvatures=("augmented_forman",)),
        tmp_path / "g.duckdb",
    )
    rows = geoflow.open(tmp_path / "g.duckdb").view("local_flow_comparison")
    found = dict(rows.select("end", "untrained_mean").iter_rows())
    assert found == pytest.approx(MEANS[dataset], abs=0.1)
