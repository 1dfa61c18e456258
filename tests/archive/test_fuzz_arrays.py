"""Whatever bytes an .npz has: the arrays that a correct reading gives, or one line."""

import io
import zipfile

import numpy as np
import pytest
from hostile_npz import FIELDS, GOOD, described, npy, saved, with_field, written
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geoflow.archive.layers import read_layers
from geoflow.errors import GeoflowError

METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
LENGTH = len(saved(GOOD["layer_01"]))


def correct(path, name):
    """An array read the simple way: all of the member, then numpy."""
    with zipfile.ZipFile(path) as archive:
        content = archive.read(f"{name}.npy")
    return np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)


def read_or_refused(path):
    """The file is read as it should be, or refused in one line; return whether it was read."""
    try:
        found = read_layers(path).activations
    except GeoflowError as error:
        said = str(error)
        assert said.isprintable()
        assert len(said) < 1500
        return False
    assert len(found.layers) >= 2
    for at, layer in enumerate(found.layers):
        assert np.array_equal(layer, correct(path, f"layer_{at:02d}").astype(np.float64))
    if found.labels is not None:
        assert np.array_equal(found.labels, correct(path, "labels"))
    return True


@st.composite
def mutations(draw):
    """A function that writes a good file and changes some of its bytes, or its length."""
    method = draw(st.sampled_from(METHODS))
    changes = draw(st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.binary(max_size=4))))
    cut = draw(st.none() | st.floats(0, 1))

    def write(path):
        content = bytearray(written(path, method).read_bytes())
        for place, new in changes:
            at = int(place * len(content))
            content[at : at + len(new)] = new
        path.write_bytes(content if cut is None else content[: int(cut * len(content))])

    return write


lengths = st.integers(-3, 61) | st.integers() | st.booleans() | st.sampled_from([2**31, 2**62])
shapes = st.lists(lengths, max_size=4).map(tuple) | lengths | st.just((30, 1))
kinds = st.sampled_from("?bhilqBHILQefdgFDOSUVmM")
descriptions = st.one_of(
    st.sampled_from(
        ["<f8", ">f8", "|u1", "|O", "<U0", "|V0", "<f8x", "f4,f4", "(30,)f8", "a", "3L"]
    ),
    st.builds("{}{}{}".format, st.sampled_from("<>|="), kinds, st.integers(0, 99)),
    st.lists(st.tuples(st.text(max_size=3), st.sampled_from(["<f8", "|O", "<U0"])), max_size=3),
    st.text(max_size=9),
)
texts = st.one_of(
    st.builds(described, shapes, descriptions, st.booleans() | st.text(max_size=3)),
    st.text(st.characters(max_codepoint=255), max_size=99),
    st.builds("".join, st.lists(st.sampled_from("(){}[]-'\",:L\\ 1descrshape\n"), max_size=300)),
)


@st.composite
def headers(draw):
    """A function that writes a file whose second layer has any header and any content."""
    method, text = draw(st.sampled_from(METHODS)), draw(texts)
    version = draw(st.sampled_from([(1, 0), (2, 0), (3, 0)]) | st.tuples(*[st.integers(0, 9)] * 2))
    content = draw(st.binary(max_size=300) | st.integers(0, 600).map(bytes))
    encoded = text.encode("latin1", "replace").decode("latin1")
    return lambda path: written(path, method, layer_01=npy(encoded, content, version))


@st.composite
def fields(draw):
    """A function that writes a good file and gives fields of its zip headers any value."""
    method = draw(st.sampled_from(METHODS))
    large = st.integers(0, 2**32 - 1) | st.integers(LENGTH - 9, LENGTH + 9)
    values = draw(st.dictionaries(st.sampled_from(sorted(FIELDS)), large, min_size=1))
    places = draw(st.sets(st.sampled_from([0, 1]), min_size=1))

    def write(path):
        written(path, method)
        for field, value in values.items():
            small = value % 2**16 if field in ("flags", "method") else value
            with_field(path, field, small, places)

    return write


files = st.one_of(mutations(), headers(), fields())
plainly = settings(
    deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@given(files)
@settings(plainly, max_examples=200)
def test_any_file_is_read_as_it_should_be_or_refused(tmp_path, write):
    write(tmp_path / "x.npz")
    read_or_refused(tmp_path / "x.npz")


@pytest.mark.slow
@given(files)
@settings(plainly, max_examples=20_000)
def test_any_file_of_very_many(tmp_path, write):
    write(tmp_path / "x.npz")
    read_or_refused(tmp_path / "x.npz")


@given(shapes=st.tuples(st.integers(1, 40), st.integers(1, 5)), data=st.data())
@settings(plainly, max_examples=50)
def test_good_files_are_read(tmp_path, shapes, data):
    """The other side: a file that is as it should be is never refused."""
    n, d = shapes
    dtype = data.draw(st.sampled_from(["<f4", ">f8", "<i8", "|u1", "<f2", "?"]))
    order = data.draw(st.sampled_from("CF"))
    array = np.asarray(np.arange((n + 1) * d).reshape(n + 1, d) % 9, dtype, order=order)
    np.savez_compressed(tmp_path / "x.npz", layer_00=array, layer_01=array[:, :1])
    assert read_or_refused(tmp_path / "x.npz")
