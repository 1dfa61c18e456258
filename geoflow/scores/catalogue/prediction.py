"""Scores of training and of what a network says of points."""

from geoflow.scores.entry import Score

PREDICTION = (
    Score(
        "path_ratio",
        "network",
        "path of the weights over its chord: 1 = straight; known at the end of training alone",
        "after Seroussi et al., arXiv 2307.14653",
        low=1,
        relation="training_speed",
        value="path_ratio",
    ),
    Score(
        "test_accuracy",
        "network",
        "share of test points classified correctly",
        "geoflow",
        low=0,
        high=1,
        relation="networks",
        value="test_accuracy",
    ),
    Score(
        "generalisation_gap",
        "network",
        "train accuracy - test accuracy",
        "geoflow",
        low=-1,
        high=1,
        relation="networks",
        value="train_accuracy - test_accuracy",
    ),
    Score(
        "is_correct",
        "point",
        "1 if the network gives the point its class, else 0",
        "geoflow",
        low=0,
        high=1,
        relation="(\n"
        "    select p.network_id, p.point, p.predicted = s.label as is_correct\n"
        "    from predictions as p\n"
        "    join networks as n on n.network_id = p.network_id\n"
        "    join samples as s on s.dataset_id = n.dataset_id and s.point = p.point\n"
        ")",
        value="is_correct::integer",
    ),
    Score(
        "margin",
        "point",
        "logit of its class - largest other logit",
        "geoflow",
        relation="predictions",
        value="margin",
    ),
)
