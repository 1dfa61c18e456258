"""Scores that functions compute: which arrays they see, and how often."""

import numpy as np

from geoflow.geometry.dimension import participation_ratio
from geoflow.scores._values import given, score_rows
from geoflow.scores.entry import Score


def test_the_input_is_scored_once_for_all_networks_and_again_when_it_changes():
    seen, rng = [], np.random.default_rng(0)

    def ratio(points):
        seen.append(points.shape)
        return participation_ratio(points)

    score = Score("seen", "layer", "f", "s", function=ratio, needs=("points",))
    x, hidden = rng.normal(size=(30, 5)), rng.normal(size=(2, 30, 3))

    def rows(points, layer):
        return [row[2] for row in score_rows(score, given([points, layer]))]

    first, second = rows(x, hidden[0]), rows(x.copy(), hidden[1])
    assert seen == [(30, 5), (30, 3), (30, 3)]
    assert first == [participation_ratio(x), participation_ratio(hidden[0])]
    assert second == [participation_ratio(x), participation_ratio(hidden[1])]
    x[0] += 1  # in place
    assert rows(x, hidden[0]) == [participation_ratio(x), first[1]]
    assert first[0] != participation_ratio(x)
