"""Progress without a terminal: a line for each tenth, with a pace that is the work's own."""

import re

from geoflow.cli import progress
from geoflow.specs import ALREADY_THERE


def test_what_was_there_before_is_no_pace(monkeypatch, capsys):
    clock = iter([0.0, 1.0, 10.0, 20.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    advance = progress.line_progress(100, "networks")
    advance(40, ALREADY_THERE)
    advance(20, "one")
    advance(4, "two")
    advance(20, "three")
    said = capsys.readouterr().err.splitlines()
    assert said == [
        "40/100 networks: already there",
        "60/100 networks, 2.00 a second, 20 s left: one",
        "84/100 networks, 2.20 a second, 7 s left: three",
    ]


def test_a_study_that_is_all_there_says_so(capsys):
    progress.line_progress(12, "networks")(12, ALREADY_THERE)
    assert re.fullmatch(r"12/12 networks: already there\n", capsys.readouterr().err)
