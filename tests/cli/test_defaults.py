"""What a command does by default is what the library does by default."""

from dataclasses import MISSING, fields
from inspect import signature

import click
import pytest

from geoflow.cli import main
from geoflow.ingestion import ingest
from geoflow.specs import DatasetSpec, GeometrySpec, Recipe, TransportSpec
from geoflow.specs.architecture import Architecture

KINDS = (DatasetSpec, Architecture, Recipe, GeometrySpec, TransportSpec)
UNLIKE = {
    ("train", "seed"): "of the networks, not of a data set",
}
DEFAULTS = {
    (kind.__name__, one.name): one.default
    for kind in KINDS
    for one in fields(kind)
    if one.default is not MISSING and one.default not in (None, ())
}


def options(command: str) -> dict[str, click.Option]:
    found = main.commands[command].params
    return {one.name: one for one in found if isinstance(one, click.Option)}


@pytest.mark.parametrize(("command", "at_least"), [("train", 8), ("ingest", 2)])
def test_an_option_has_the_default_of_its_field(command, at_least):
    found = options(command)
    compared = {
        (kind, name): (found[name].default, default)
        for (kind, name), default in DEFAULTS.items()
        if name in found and (command, name) not in UNLIKE
        if not found[name].multiple and not found[name].is_flag
    }
    assert len(compared) >= at_least
    assert {key: pair for key, pair in compared.items() if pair[0] != pair[1]} == {}


def test_train_and_ingest_measure_alike():
    shared = (
        options("train").keys()
        & options("ingest").keys()
        & {
            *(one.name for one in fields(GeometrySpec)),
            "transport",
        }
    )
    assert {"detail", "transport", "convention"} <= shared
    for name in shared:
        assert options("train")[name].default == options("ingest")[name].default, name
    words = signature(ingest).parameters["transport"].default
    assert options("ingest")["transport"].default is words
