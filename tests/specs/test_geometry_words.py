"""Options of geometry: the same words, defaults and meaning wherever they are given."""

from dataclasses import fields
from inspect import signature

import numpy as np
import pytest

import geoflow
from geoflow.cli.commands.ingest import ingest as ingest_command
from geoflow.cli.commands.train import train as train_command
from geoflow.errors import SpecError
from geoflow.specs import (
    GEOMETRY_FIELDS,
    DatasetSpec,
    GeometryOptions,
    GeometrySpec,
    GeometryWords,
    Recipe,
    StudyDataset,
    StudySpec,
    TransportSpec,
    architecture,
    asked_geometry,
    asked_transport,
)
from geoflow.specs.studyfile import study_spec

POINTS = np.random.default_rng(0).normal(size=(30, 3))
CIRCLES = DatasetSpec("circles", n_train=40, n_test=30)


def test_a_word_of_a_call_is_a_field_of_the_spec_and_an_option_of_both_commands():
    assert set(GeometryWords.__annotations__) == {*GEOMETRY_FIELDS, "geometry"}
    assert set(GEOMETRY_FIELDS) == {"k", *(one.name for one in fields(GeometryOptions))}
    for command in (ingest_command, train_command):
        assert set(GEOMETRY_FIELDS) <= {one.name for one in command.params}
    of_a_layer = {"k", "convention", "n_sources", "seed", "device", "geometry"}
    assert set(signature(geoflow.layer_geometry).parameters) == of_a_layer | {"points"}


@pytest.mark.parametrize("name", ["ingest", "layer_geometry", "run_study", "train"])
def test_public_functions_have_eight_parameters_at_most(name):
    assert len(signature(getattr(geoflow, name)).parameters) <= 8


@pytest.mark.parametrize("k", [5, [5], (5,), range(5, 6), np.int64(5), np.array([5])])
def test_one_k_or_several_in_any_form(k):
    assert GeometrySpec(k=k).k == asked_geometry({"k": k}).k == (5,)
    assert StudyDataset(CIRCLES, k).k == (5,)
    assert geoflow.layer_geometry(POINTS, k=k)["k"].to_list() == [5]


@pytest.mark.parametrize("k", [5, np.array([5])])
def test_every_way_in_takes_one_k(k, tmp_path):
    arrays = {"layer_00": POINTS, "layer_01": POINTS[:, :2]}
    assert geoflow.ingest(arrays, tmp_path / "g.duckdb", k=k, transport=False).n_graphs == 2
    done = geoflow.train(CIRCLES, "4,4", tmp_path / "t.duckdb", k=k, recipe=Recipe(epochs=1))
    assert done.n_written == 1


def study(**options):
    return StudySpec("mine", (StudyDataset(CIRCLES, 5),), (architecture("4,4"),), 1, **options)


@pytest.mark.parametrize(
    ("options", "convention"),
    [
        ({}, ("directed",)),
        ({"curvatures": "forman"}, ("union",)),
        ({"curvatures": ("forman",), "convention": "mutual"}, ("mutual",)),
        ({"convention": ["directed", "union"]}, ("directed", "union")),
        ({"convention": None}, ("directed",)),
    ],
)
def test_the_convention_is_the_same_by_default_everywhere(options, convention, tmp_path):
    assert asked_geometry({"k": 5} | options).convention == convention
    made = study(**options)
    assert made.convention == made.geometry(made.datasets[0]).convention == convention
    arrays = {"layer_00": POINTS, "layer_01": POINTS[:, :2]}
    db = tmp_path / "g.duckdb"
    geoflow.ingest(arrays, db, k=5, transport=False, **options)
    stored = geoflow.open(db).query("select distinct convention from graphs order by all")
    assert tuple(stored["convention"]) == convention


def test_several_conventions_of_a_layer_are_those_of_each():
    frame = geoflow.layer_geometry(POINTS, [4, 5], ["directed", "union"])
    each = [geoflow.layer_geometry(POINTS, [4, 5], one).rows() for one in ("directed", "union")]
    assert frame.rows() == each[0] + each[1]


def test_a_spec_and_its_words_are_the_same():
    spec = GeometrySpec(k=5, convention="union", n_sources=9, seed=3)
    words = {"k": 5, "convention": "union", "n_sources": 9, "seed": 3}
    assert asked_geometry({"geometry": spec}) == asked_geometry(words) == spec
    frame = geoflow.layer_geometry(POINTS, geometry=spec)
    assert frame.equals(geoflow.layer_geometry(POINTS, **words))


def test_without_k_there_are_ten_neighbours():
    ten = geoflow.layer_geometry(POINTS)
    assert ten["k"].to_list() == [10]
    assert ten.equals(geoflow.layer_geometry(POINTS, k=10))


def test_words_that_contradict_each_other_are_refused():
    with pytest.raises(SpecError, match="give geometry or detail, k, not both"):
        asked_geometry({"geometry": GeometrySpec(5), "detail": "nodes", "k": 5})
    with pytest.raises(SpecError, match="geometry must be a GeometrySpec, not 5"):
        geoflow.layer_geometry(POINTS, geometry=5)


def test_transport_is_true_false_or_how():
    how = TransportSpec(n_points=3)
    for asked, expected in ((True, TransportSpec()), (False, None), (None, None), (how, how)):
        assert asked_transport(asked) == study(transport=asked).transport == expected
    with pytest.raises(SpecError, match="transport must be true, false or a TransportSpec, not 0"):
        asked_transport(0)


def test_a_study_file_has_one_word_for_the_convention(tmp_path):
    text = 'architectures = [[4, 4]]\n{}\n[[datasets]]\nname = "circles"\nk = 5\n'
    path = tmp_path / "mine.toml"
    for line in ('convention = "mutual"', 'conventions = ["mutual"]'):
        path.write_text(text.format(line), "utf-8")
        assert study_spec(str(path)).convention == ("mutual",)
    path.write_text('base = "quickstart"\nconventions = "union"\n', "utf-8")
    assert study_spec(str(path)).convention == ("union",)
    path.write_text(text.format('convention = "union"\nconventions = "union"'), "utf-8")
    with pytest.raises(SpecError, match="convention and conventions, which are one"):
        study_spec(str(path))
