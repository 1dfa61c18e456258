"""The figure of captured networks in the README is what its script draws."""

import re

import pytest
from depth import FIGURE, figure, store


@pytest.mark.slow
def test_the_figure_is_what_its_script_draws(tmp_path):
    """Marks, lines and words are the same; where they stand differs with how a processor rounds."""
    db = store(tmp_path)
    asked = "select test_accuracy from networks where final_id is null"
    accuracy = db.query(asked)["test_accuracy"]
    assert len(accuracy) == 2
    assert accuracy.min() > 0.8
    drawn, kept = figure(db), FIGURE.read_text("utf-8")
    assert len(kept) < 100_000
    number = r"-?\d+(?:\.\d+)?"
    assert re.sub(number, "0", drawn) == re.sub(number, "0", kept)
