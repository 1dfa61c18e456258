"""What is in an .npz file is read as numbers or refused; nothing in it is ever run."""

import pickle
import zipfile

import numpy as np
import pytest

from geoflow.archive.layers import checked_layers, read_layers
from geoflow.errors import DatasetError

ARRAYS = {"layer_00": np.eye(4), "layer_01": np.eye(4, dtype=np.float32)[:, :2]}


class Planted:
    """Makes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def test_the_plant_works(tmp_path):
    pickle.loads(pickle.dumps(Planted(tmp_path / "run"))).close()
    assert (tmp_path / "run").exists()


def test_an_array_of_objects_is_refused_and_never_unpickled(tmp_path):
    bad = np.empty(1, object)
    bad[0] = Planted(tmp_path / "run")
    np.savez(tmp_path / "bad.npz", layer_00=bad)
    with pytest.raises(DatasetError, match=r"'layer_00' in .*holds Python objects, .*save it as"):
        read_layers(tmp_path / "bad.npz")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("name", ["bad.npz", "bad.npy"])
def test_a_pickle_by_another_name_is_refused_and_never_run(tmp_path, name):
    (tmp_path / name).write_bytes(pickle.dumps(Planted(tmp_path / "run")))
    with pytest.raises(DatasetError, match=r"not a readable \.npz file"):
        read_layers(tmp_path / name)
    assert not (tmp_path / "run").exists()


def test_arrays_come_back_as_they_were_saved(tmp_path):
    np.savez_compressed(tmp_path / "good.npz", **ARRAYS)
    found = read_layers(tmp_path / "good.npz").activations.layers
    assert len(found) == len(ARRAYS)
    assert all((one == wanted).all() for one, wanted in zip(found, ARRAYS.values(), strict=True))


def cut(path):
    np.savez(path, layer_00=np.random.default_rng(0).normal(size=(50, 50)))
    path.write_bytes(path.read_bytes()[:-5000])


def damaged(path):
    np.savez(path, layer_00=np.random.default_rng(0).normal(size=(50, 50)))
    content = bytearray(path.read_bytes())
    content[9000:9100] = bytes(100)
    path.write_bytes(content)


def lying_header(path):
    """A member that says it has more numbers than it has."""
    np.save(path.with_suffix(".npy"), np.zeros((50, 50)))
    content = path.with_suffix(".npy").read_bytes()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("layer_00.npy", content[:-800])


def damaged_deflate(path):
    np.savez_compressed(path, layer_00=np.random.default_rng(0).normal(size=(50, 50)))
    content = bytearray(path.read_bytes())
    content[500:600] = b"\xff" * 100
    path.write_bytes(content)


UNREADABLE = {
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("1,2,3\n"),
    "cut": cut,
    "damaged": damaged,
    "lying header": lying_header,
    "damaged deflate": damaged_deflate,
    "single array": lambda path: np.save(path.open("wb"), np.eye(3)),
    "other zip": lambda path: zipfile.ZipFile(path, "w").close(),
}


@pytest.mark.parametrize("kind", sorted(UNREADABLE))
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_file_that_is_no_whole_npz_is_refused_by_its_name(tmp_path, kind):
    path = tmp_path / "bad.npz"
    UNREADABLE[kind](path)
    with pytest.raises(DatasetError, match=r"bad\.npz") as caught:
        read_layers(path)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(DatasetError, match=r"no file .*: give an \.npz file with layer_00"):
        read_layers(tmp_path / "none.npz")


def test_layers_come_in_the_order_of_their_numbers():
    arrays = {f"layer_{at}": np.full((3, 1), at) for at in (10, 2, *range(2), *range(3, 10))}
    found = checked_layers(arrays).activations
    assert [layer[0, 0] for layer in found.layers] == list(range(11))
    assert all(layer.dtype == np.float64 for layer in found.layers)


def test_names_of_no_use_are_told():
    extra = {"Layer_02": np.eye(4), "layer_1b": np.eye(4)}
    assert list(checked_layers(ARRAYS | extra).left_out) == sorted(extra)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (np.array([0, 1, 1, 0], np.int8), [0, 1, 1, 0]),
        (np.array([0.0, 7.0, 7.0, -1.0]), [0, 7, 7, -1]),
        (np.array([True, False, True, True]), [1, 0, 1, 1]),
    ],
)
def test_labels_of_any_whole_kind_are_whole_numbers(labels, expected):
    found = checked_layers(ARRAYS | {"labels": labels}).activations.labels
    assert found.dtype == np.int64
    assert found.tolist() == expected


@pytest.mark.parametrize("names", [("layer_00", "layer_02"), ("layer_01", "layer_02"), ("a", "b")])
def test_a_gap_names_what_is_there_and_what_should_be(names):
    with pytest.raises(DatasetError, match=rf"hold {names[0]}, {names[1]}: .*without a gap"):
        checked_layers({name: np.eye(3) for name in names})


def test_two_names_of_one_number_are_refused():
    with pytest.raises(DatasetError):
        checked_layers(ARRAYS | {"layer_1": np.eye(4)})


@pytest.mark.parametrize("bad", [np.inf, -np.inf, -(2.0**63)])
def test_labels_too_large_for_a_whole_number_are_refused(bad):
    with pytest.raises(DatasetError, match="labels"):
        checked_layers(ARRAYS | {"labels": np.array([bad, 1.0, 0.0, 1.0])})


def test_numbers_of_activations_may_be_written_as_those_of_layers():
    x = np.random.default_rng(0).normal(size=(9, 3))
    layers = {"layer_0": x, "layer_1": x + 1, "layer_2": x + 2}
    short = layers | {"pre_1": x, "pre_002": 2 * x, "post_1": x + 3, "post_2": x + 4}
    read = read_layers(short)
    assert read.left_out == {}
    assert [one[0, 0] for one in read.activations.pre] == [x[0, 0], 2 * x[0, 0]]
    assert [one[0, 0] for one in read.activations.post] == [x[0, 0] + 3, x[0, 0] + 4]


def test_activations_of_other_points_are_named_as_such():
    x = np.random.default_rng(0).normal(size=(9, 3))
    arrays = {"layer_00": x, "layer_01": x, "pre_01": x[:5], "post_01": x[:5]}
    with pytest.raises(DatasetError, match=r"pre_01 .* shape \(5, 3\) but there are 9 points"):
        read_layers(arrays)
