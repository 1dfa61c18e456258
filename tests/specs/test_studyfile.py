"""Studies as TOML files: what is read, what is refused."""

from dataclasses import replace

import pytest

from geoflow.errors import SpecError
from geoflow.specs import Recipe, TransportSpec, with_transport
from geoflow.specs.studyfile import shipped, study_spec, study_specs

GOOD = """
widths = ["narrow", "8,8,8"]
depths = [3]
architectures = [[5, 4]]
replicas = 2
seed = 7
conventions = ["union"]
detail = "graphs"
snapshots = [0, 2, 3]
n_sources = 20
[recipe]
epochs = 3
optimizer = "adam"
[[datasets]]
name = "circles"
n_train = 60
k = [4, 8]
threshold = 0.5
options = { noise = 0.1 }
[datasets.recipe]
epochs = 9
[[datasets]]
name = "tori"
k = [4]
"""


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "mine.toml"
        path.write_text(text, "utf-8")
        return str(path)

    return write


def test_a_file_becomes_a_study(written):
    study = study_spec(written(GOOD))
    assert study.name == "mine"
    assert [one.widths for one in study.architectures] == [(25,) * 3, (8, 8, 8), (5, 4)]
    assert (study.replicas, study.seed, study.detail, study.n_sources) == (2, 7, "graphs", 20)
    assert study.convention == ("union",)
    assert study.snapshots == (0, 2, 3)
    assert study.n_networks == 2 * 3 * 2
    circles, tori = study.datasets
    assert circles.dataset.options == {"noise": 0.1}
    assert (circles.k, circles.threshold) == ((4, 8), 0.5)
    assert circles.recipe == Recipe(epochs=9, optimizer="adam")
    assert tori.recipe == Recipe(epochs=3, optimizer="adam")
    assert tori.threshold is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("replicas", "replica"), "did you mean 'replicas'"),
        (("epochs = 3", "epoch = 3"), "did you mean 'epochs'"),
        (("threshold", "treshold"), "did you mean 'threshold'"),
        (("k = [4]\n", "k = []\n"), "k has no values: give at least one .data set 'tori'"),
        (("k = [4]\n", "\n"), "data set 'tori' needs k"),
        (('"narrow"', '"narow"'), "did you mean 'narrow'"),
        (
            ("replicas = 2", "replicas = 0"),
            "replicas must be an integer of at least 1, not 0 .study 'mine'",
        ),
        (("replicas = 2", 'replicas = "two"'), "replicas must be .* not 'two'"),
        (
            ("[4, 8]", '["four"]'),
            "k must be an integer of at least 1, not 'four' .data set 'circles'",
        ),
        (("[0, 2, 3]", "[0, 2, 4]"), "'tori' is trained for 3 epochs"),
        (
            ("[0, 2, 3]", "[0, 0.5]"),
            "an epoch of snapshots must be an integer of at least 0, not 0.5",
        ),
        (("[0, 2, 3]", "[2, 0]"), "give increasing epochs"),
        (
            ("epochs = 3", "epochs = -3"),
            "epochs must be an integer of at least 0, not -3 .data set 'tori'",
        ),
        (("seed = 7", 'family = "resdual"'), "did you mean 'residual'"),
        (("seed = 7", 'batch_norm = "yes"'), "batch_norm must be true or false, not 'yes'"),
        (("seed = 7", "memory_order = 0.5"), "family plain has no memory_order"),
        (("seed = 7", "seed = 1.5"), "seed must be an integer of at least 0, not 1.5"),
        (("[4, 8]", "[4.5]"), "k must be .* not 4.5"),
        (
            ("threshold = 0.5", 'threshold = "high"'),
            "threshold must be a number of at least 0 and at most 1, not 'high'",
        ),
        (('detail = "graphs"', 'detail = "all"'), "unknown detail 'all'"),
        (('name = "tori"', 'name = "circles"'), "'circles' twice"),
        (("[recipe]", "[recipe"), "not valid TOML"),
    ],
)
def test_mistakes_are_said_with_the_file(written, change, said):
    path = written(GOOD.replace(*change))
    with pytest.raises(SpecError, match=said) as caught:
        study_spec(path)
    assert "mine.toml" in str(caught.value)


FAMILIES = """
[variants.residual]
family = "residual"
[variants.memory]
family = "fractional"
memory_order = 0.25
batch_norm = true
"""


def test_variants_have_families_of_their_own(written):
    text = GOOD.replace("seed = 7", 'batch_norm = false\nfamily = "dense"')
    equal = text.replace("[[5, 4]]", "[[5, 5]]")
    (one,) = study_specs(written(text))
    assert {kind.family for kind in one.architectures} == {"dense"}
    residual, memory = study_specs(written(equal + FAMILIES))
    assert {(kind.family, kind.batch_norm) for kind in residual.architectures} == {
        ("residual", False)
    }
    assert {(kind.family, kind.batch_norm, kind.memory_order) for kind in memory.architectures} == {
        ("fractional", True, 0.25)
    }
    with pytest.raises(SpecError, match=r"mine.toml: family residual .* differ: give one width"):
        study_specs(written(text + FAMILIES))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("", None),
        ("transport = false", None),
        ("transport = true", TransportSpec()),
        ("[transport]", TransportSpec()),
        ("[transport]\nradii = [0.5]\nn_points = 9", TransportSpec(radii=(0.5,), n_points=9)),
        ("[transport]\nn_directions = 3\nseed = 4", TransportSpec(n_directions=3, seed=4)),
    ],
)
def test_transport_geometry_is_measured_if_it_is_asked_for(written, asked, expected):
    before, tables = GOOD.split("[recipe]")
    assert study_spec(written(f"{before}{asked}\n[recipe]{tables}")).transport == expected


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("transport = 1", "transport must be a table of names and values, not 1"),
        ('transport = "yes"', "transport must be a table"),
        ("[transport]\nradius = 0.5", "did you mean 'radii'"),
        ('[transport]\nradii = "0.5"', "radius must be a number above 0 .*, not '0.5'"),
        ("[transport]\nradii = []", "radii has no values: give at least one"),
        ("[transport]\nradii = [0]", "radius must be a number above 0 .*, not 0 "),
        ("[transport]\nradii = [nan]", "radius must be .*, not nan "),
        ("[transport]\nradii = [inf]", "radius must be .*, not inf "),
        ("[transport]\nn_points = 0", "n_points must be an integer of at least 1, not 0"),
        ("[transport]\nn_directions = 2.5", "n_directions must be .* not 2.5"),
        ("[transport]\nseed = -1", "seed must be an integer of at least 0, not -1 .transport"),
    ],
)
def test_transport_geometry_that_cannot_be_is_refused(written, asked, said):
    before, tables = GOOD.split("[recipe]")
    with pytest.raises(SpecError, match=said):
        study_spec(written(f"{before}{asked}\n[recipe]{tables}"))


def test_the_command_line_adds_transport_geometry_or_leaves_it_out(written):
    plain, asked = (study_spec(written(f"{text}\n{GOOD}")) for text in ("", "transport = true"))
    own = replace(asked, transport=TransportSpec(n_points=9))
    assert [with_transport(one, None) for one in (plain, asked, own)] == [plain, asked, own]
    assert with_transport(plain, True) == asked
    assert with_transport(own, True) == own
    assert with_transport(own, False) == plain


@pytest.mark.parametrize(
    ("name", "said"),
    [("quickstrat", "did you mean 'quickstart'"), ("none.toml", "no study file none.toml")],
)
def test_studies_that_do_not_exist(name, said):
    with pytest.raises(SpecError, match=said):
        study_spec(name)


@pytest.mark.parametrize("name", shipped())
def test_shipped_studies_can_be_read(name):
    assert all(study.n_networks > 0 for study in study_specs(name))


def test_quickstart_is_what_the_readme_says():
    study = study_spec("quickstart")
    assert [one.dataset.name for one in study.datasets] == [
        "digits_3v8",
        "breast_cancer",
        "synthetic_a",
    ]
    assert [(one.width, one.depth) for one in study.architectures] == [
        ("narrow", 5),
        ("narrow", 11),
        ("wide", 5),
        ("wide", 11),
    ]
    assert study.replicas == 6
