"""A hostile .npz ends in one line, soon, with little memory, and no store is made or changed."""

import os
import pickle
import re
import subprocess
import sys
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hostile_npz import GOOD, declared_length, described, npy, saved, with_field, written

import geoflow
from geoflow.archive.layers import read_layers
from geoflow.cli import main
from geoflow.errors import SpecError

GIB = 2**30
N93 = 93 * GIB // 8


def layer(text, content=b"", **how):
    """A file whose layer_01 has this header."""
    return lambda path: written(path, layer_01=npy(text, content, **how))


def typed(array):
    """A file whose layer_01 is this array as numpy saves it."""
    return lambda path: np.savez(path, **GOOD | {"layer_01": array})


def bomb(n_bytes, shape):
    """A file whose zip entry and header agree on a length that is not there."""

    def made(path):
        header = npy(described(shape))
        return declared_length(path, "layer_01", len(header) + n_bytes, header + bytes(10**6))

    return made


def corrupt(path):
    written(path, zipfile.ZIP_DEFLATED, layer_01=saved(np.random.default_rng(0).normal(size=9999)))
    content = bytearray(path.read_bytes())
    content[9000:9100] = bytes(100)
    path.write_bytes(content)


def cut(path):
    written(path)
    path.write_bytes(path.read_bytes()[:-40])


def twice(path):
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(written(path), "a") as more:
        more.writestr("layer_01.npy", saved(GOOD["layer_01"]))


def folder(path):
    path.mkdir()


def loop(path):
    path.symlink_to(path.name)


def renamed(name):
    return lambda path: written(path, **{"layer_01": None, name: saved(GOOD["layer_01"])})


DAMAGED = "array 'layer_01' in .* is damaged "
HOSTILE = {
    "93 GiB in the header": (layer(described((N93,))), rf"{DAMAGED}.*100 GB, it holds 0 bytes"),
    "9 TiB in the header": (layer(described((9 * 2**37,))), rf"{DAMAGED}.*declares 9.9 TB"),
    "9 TiB everywhere": (bomb(9 * 2**40, (9 * 2**37,)), rf"{DAMAGED}.*declares 9.9 TB"),
    "shape overflows": (layer(described((2**62, 2**62))), rf"{DAMAGED}.*9 EB or more"),
    "shape of 0 overflows": (layer(described((0, 2**70))), DAMAGED),
    "many dimensions": (layer(described((1,) * 999, "|u1"), b"1"), DAMAGED),
    "negative": (layer(described((-30, 1)), bytes(240)), rf"{DAMAGED}.*negative"),
    "negative twice": (layer(described((-30, -1)), bytes(240)), rf"{DAMAGED}.*negative"),
    "no shape": (layer("{'descr': '<f8'}"), DAMAGED),
    "digits": (layer(described(f"({'9' * 5000},)")), DAMAGED),
    "nested": (layer("(" * 4000), DAMAGED),
    "deep": (layer("-" * 9000 + "1"), DAMAGED),
    "deep type": (layer(described((30, 1), "[" * 2000)), DAMAGED),
    "code": (layer("__import__('os').abort()"), DAMAGED),
    "odd escapes": (layer(r"{'\d': 1if 1else 2}"), DAMAGED),
    "long header": (layer(" " * 60_000), rf"{DAMAGED}.*header has 60000 bytes"),
    "longest header": (layer(" " * 10**7, version=(2, 0)), rf"{DAMAGED}.*header has 10000000"),
    "header beyond the file": (
        lambda path: written(path, layer_01=b"\x93NUMPY\x02\0\xff\xff\xff\xff"),
        rf"{DAMAGED}.*header has 4294967295 bytes",
    ),
    "other version": (layer(described((30, 1)), version=(9, 0)), rf"{DAMAGED}.*version is 9.0"),
    "no magic": (
        lambda path: written(path, layer_01=b"\x93NUMPX\1\0" * 99),
        rf"{DAMAGED}.*not an arr",
    ),
    "empty member": (lambda path: written(path, layer_01=b""), rf"{DAMAGED}.*ends early"),
    "short": (layer(described((30, 1)), bytes(239)), rf"{DAMAGED}.*240 bytes, it holds 239 bytes"),
    "long": (layer(described((30, 1)), bytes(241)), rf"{DAMAGED}.*240 bytes, it holds 241 bytes"),
    "no numbers": (layer(described((30, 1), "<f8x")), DAMAGED),
    "objects": (typed(np.full((30, 1), None)), "'layer_01' in .* holds Python objects, which are"),
    "objects inside": (layer(described((30,), [("a", "|O")]), bytes(240)), "holds Python objects"),
    "structured": (typed(np.zeros(30, "f8,f8")), r"'layer_01' in .* of type \[\('f0'.* real num"),
    "subarrays": (
        layer(described((30,), [("a", "<f8", (2,))]), bytes(480)),
        "layer_01' in .* type",
    ),
    "dates": (typed(np.zeros((30, 1), "M8[s]")), r"'layer_01' in .* of type datetime64\[s\]: save"),
    "complex": (typed(np.zeros((30, 1), "c16")), "'layer_01' in .* of type complex128: save it as"),
    "text": (typed(np.full((30, 1), "a")), "'layer_01' in .* of type <U1: save it as an array of"),
    "no text": (layer(described((2**60,), "<U0")), "'layer_01' in .* of type <U0: save it as"),
    "raw bytes": (typed(np.zeros((30, 1), "V8")), r"'layer_01' in .* of type \|V8: save it as"),
    "too large": (typed(np.full((30, 1), "1e4000").astype("g")), "layer_01 .*hold NaN or infinity"),
    "corrupt deflate": (corrupt, DAMAGED),
    "cut": (cut, r"x\.npz is not a readable \.npz file"),
    "unknown method": (lambda path: with_field(written(path), "method", 77), "zip method 77"),
    "bzip2": (
        lambda path: written(path, zipfile.ZIP_BZIP2),
        r"way that numpy does not .*method 12",
    ),
    "lzma": (lambda path: written(path, zipfile.ZIP_LZMA), r"way that numpy does not .*method 14"),
    "encrypted": (lambda path: with_field(written(path), "flags", 1), "is encrypted: save it with"),
    "strongly encrypted": (lambda path: with_field(written(path), "flags", 64), "is damaged"),
    "patched": (lambda path: with_field(written(path), "flags", 32), "is damaged"),
    "longer": (lambda path: with_field(written(path), "unpacked", 2**31), "is damaged"),
    "5,000 digits": (
        renamed("layer_" + "1" * 5000),
        r"x\.npz hold labels, layer_00, layer_1+\.\.\. \(5006\): name .* without a gap",
    ),
    "two names": (
        lambda path: written(path, layer_1=saved(GOOD["layer_01"])),
        r"hold one layer under two names \(layer_01, layer_1\): keep one of them",
    ),
    "other digits": (renamed("layer_٠١"), "layer_٠١: name the input layer_00 .* without a gap"),
    "a line break": (renamed("layer_01\n"), r"layer_01\\n: name the input layer_00"),
    "a terminal": (renamed("\x1b[31mred"), r"hold \\x1b\[31mred, labels, layer_00: name the input"),
    "a path": (renamed("../layer_01"), r"hold ../layer_01, labels, layer_00: name the input layer"),
    "twice": (twice, r"x\.npz holds 'layer_01' twice: save it anew"),
    "many names": (
        lambda path: written(path, layer_01=None, **{f"a{at}": b"" for at in range(3000)}),
        r"a10, .*\.\.\. \(3002 in all\): name",
    ),
    "npy": (lambda path: path.write_bytes(saved(GOOD["layer_00"])), "holds a single array: save"),
    "pickle": (lambda path: path.write_bytes(pickle.dumps([1])), r"not a readable \.npz file"),
    "words": (lambda path: path.write_text("1,2,3\n"), r"not a readable \.npz file"),
    "folder": (
        folder,
        r"x\.npz cannot be read \(it is a folder\): give an \.npz file with layer_00",
    ),
    "pipe": (os.mkfifo, r"x\.npz cannot be read \(it is a pipe, not a file\): give an \.npz file"),
    "zeros": (lambda path: path.symlink_to("/dev/zero"), r"cannot be read \(it is a device, not a"),
    "loop": (loop, r"cannot be read \(Too many levels of symbolic links\): give an \.npz file"),
    "nothing": (lambda path: None, r"no file .*x\.npz: give an \.npz file with layer_00, layer_01"),
}


def refused(path, message, db, *more, status=1):
    """Ingest ends in one line that says this, with little memory, and the folder is as it was."""
    before = {one: one.stat().st_mtime_ns for one in Path(db).parent.iterdir() if one != path}
    tracemalloc.start()
    words = ["ingest", str(path), "--db", str(db), "--k", "4", *more]
    result = CliRunner().invoke(main, words)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == status, result.stderr
    (line,) = result.stderr.splitlines()
    assert line.isprintable()
    assert len(line) < 700
    assert re.search(message, line), line
    assert peak < 64 * 2**20
    assert before == {
        one: one.stat().st_mtime_ns for one in Path(db).parent.iterdir() if one != path
    }


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_refused_in_one_line(kind, tmp_path):
    make, message = HOSTILE[kind]
    make(tmp_path / "x.npz")
    (tmp_path / "stores").mkdir()
    refused(tmp_path / "x.npz", message, tmp_path / "stores" / "g.duckdb")


@pytest.mark.parametrize("kind", ["objects", "corrupt deflate", "93 GiB in the header"])
def test_a_store_is_not_changed(kind, copied, tmp_path):
    make, message = HOSTILE[kind]
    make(tmp_path / "x.npz")
    content = copied.read_bytes()
    refused(tmp_path / "x.npz", message, copied)
    assert copied.read_bytes() == content


def sparse(path, n_bytes):
    """A file that is as long as it says, most of it a hole on the disk."""
    written(path, layer_01=None)
    text = npy(described((n_bytes // 8,)))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("layer_01.npy", text)
        info = archive.getinfo("layer_01.npy")
        info.file_size = info.compress_size = len(text) + n_bytes
        archive.start_dir += n_bytes


def test_what_is_there_but_does_not_fit_in_memory_is_refused_with_both_figures(tmp_path):
    sparse(tmp_path / "x.npz", 9 * 2**40)
    refused(
        tmp_path / "x.npz",
        r"layer_01 in .*x\.npz, as float64, would take 9.9 TB, but only .*B of memory is free",
        tmp_path / "g.duckdb",
    )


LIMITED = """
import resource, sys, psutil
from geoflow.archive.layers import read_layers
from geoflow.errors import SizeError
used = psutil.Process().memory_info().vms
resource.setrlimit(resource.RLIMIT_AS, (used + 2**26, resource.RLIM_INFINITY))
try:
    read_layers(sys.argv[1])
except SizeError as error:
    print(error)
"""


def test_a_limit_of_the_process_counts_and_so_does_the_sum_of_arrays(tmp_path):
    """An array of 3 MB, read as float64 of 25 MB each: one fits into 64 MiB, three do not."""
    array = np.zeros((10**5, 32), np.uint8)
    np.savez_compressed(tmp_path / "x.npz", layer_00=array, layer_01=array, layer_02=array)
    words = [sys.executable, "-c", LIMITED, tmp_path / "x.npz"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    said = r"layer_00, layer_01, layer_02 in .*x\.npz, as float64, would take 100 MB, "
    said += r"but only [3-6]\d MB"
    assert re.match(said, done.stdout)


def test_arrays_of_no_use_are_not_read(tmp_path):
    """Objects, a header of nonsense, another method: nobody looks."""
    written(tmp_path / "x.npz", note=saved(np.eye(2)), odd=npy("(" * 99))
    with zipfile.ZipFile(tmp_path / "x.npz", "a", zipfile.ZIP_LZMA) as archive:
        archive.writestr("packed.npy", b"")
        archive.mkdir("folder")
    found = read_layers(tmp_path / "x.npz")
    assert list(found.left_out) == ["folder/", "note", "odd", "packed"]
    assert (found.activations.layers[1] == GOOD["layer_01"]).all()


@pytest.mark.parametrize("dtype", ["<f2", ">f4", ">f8", "g", "?", "|i1", ">u2", "<i8"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_numbers_of_every_kind_and_order_are_those_that_numpy_reads(tmp_path, dtype, order):
    array = np.asarray(np.arange(60).reshape(30, 2) % 7, dtype, order=order)
    np.savez_compressed(tmp_path / "x.npz", **GOOD | {"layer_01": array})
    found = read_layers(tmp_path / "x.npz").activations.layers[1]
    exact_in_float32 = dtype in ("<f2", ">f4", "?", "|i1", ">u2")
    assert found.dtype == (np.float32 if exact_in_float32 else np.float64)
    assert (found == array.astype(float)).all()


def test_headers_of_other_versions_and_of_python_2_read(tmp_path):
    content = GOOD["layer_01"].tobytes()
    for text, version in (
        (described((30, 1)), (2, 0)),
        (described((30, 1)), (3, 0)),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (30L, 1L), }", (1, 0)),
    ):
        written(tmp_path / "x.npz", layer_01=npy(text, content, version))
        assert (read_layers(tmp_path / "x.npz").activations.layers[1] == GOOD["layer_01"]).all()


NOBODY = """
import os, sys
from geoflow.archive.layers import read_layers
from geoflow.datasets import load
from geoflow.errors import GeoflowError
from geoflow.specs import DatasetSpec
from geoflow.specs import studyfile
from geoflow.datasets._catalogue import bundled_catalogue
from geoflow.specs.studyfile import study_specs
bundled_catalogue()  # nobody may be unable to read the package itself
names = studyfile.shipped()
studyfile.shipped = lambda: names
os.chdir(sys.argv[1])
if os.geteuid() == 0:
    os.setuid(65534)
for attempt in (
    lambda: read_layers("x.npz"),
    lambda: read_layers("closed/x.npz"),
    lambda: study_specs("x.toml"),
    lambda: study_specs("closed/x.toml"),
    lambda: load(DatasetSpec("mnist_1v7"), "closed"),
):
    try:
        attempt()
    except GeoflowError as error:
        print(error)
"""


def test_files_and_folders_that_may_not_be_read_are_named(tmp_path):
    folder = tmp_path / "open"
    (folder / "closed").mkdir(parents=True)
    for name in ("x.npz", "x.toml"):
        (folder / name).write_text("")
        (folder / name).chmod(0)
    (folder / "closed").chmod(0)
    words = [sys.executable, "-c", NOBODY, folder]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == [
        "x.npz cannot be read (Permission denied): give an .npz file with layer_00, layer_01, ...",
        "closed/x.npz cannot be read (Permission denied): give an .npz file with layer_00,"
        " layer_01, ...",
        "x.toml: cannot be read (Permission denied)",
        "closed/x.toml cannot be read (Permission denied): give the path of a .toml file",
        "closed/mnist cannot be read (Permission denied): give --data-dir a folder with data files",
    ], done.stderr


LONG = "n" * 300


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ("ingest", LONG, "--k", "4", "--name", "x"),
            "cannot be read .File name too long.: give an .npz file",
        ),
        (("study", "run", f"{LONG}.toml"), "cannot be read .File name too long.: give the path of"),
        (("study", "run", "loop.toml"), "loop.toml cannot be read .Too many levels of symbolic"),
        (("study", "run", "pipe.toml"), "pipe.toml cannot be read .it is a pipe, not a file.:"),
        (("study", "run", "zero.toml"), "zero.toml cannot be read .it is a device, not a file.:"),
        (("study", "run", "folder.toml"), "folder.toml cannot be read .it is a folder.: give the"),
        (("datasets", "--data-dir", LONG), "cannot be read .File name too long.: give --data-dir"),
        (("datasets", "fetch", "mnist", "--data-dir", LONG), "cannot be read .File name too long"),
        (("datasets", "--data-dir", "~nobody-here/x"), "~nobody-here/x starts with a user who has"),
        (("ingest", "x.npz", "--k", "4", "--db", LONG), "File name too long"),
        (
            ("study", "status", "quickstart", "--db", LONG),
            "n+.* is not a store .File name too long",
        ),
        (
            ("ingest", "x.npz", "--k", "4", "--db", "pipe.toml"),
            "is not a store .it is a pipe, not a",
        ),
        (("ingest", "\udcff.npz", "--k", "4"), r"name must be UTF-8 text, not '\\udcff'"),
    ],
)
def test_a_path_at_which_there_can_be_no_file_is_named(words, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "x.npz")
    loop(tmp_path / "loop.toml")
    os.mkfifo("pipe.toml")
    (tmp_path / "zero.toml").symlink_to("/dev/zero")
    folder(tmp_path / "folder.toml")
    before = sorted(tmp_path.iterdir())
    result = CliRunner().invoke(main, words)
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert re.search(message, line), line
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("option", ["--name", "--dataset"])
@pytest.mark.parametrize("name", [LONG, "", "\udcff"])
def test_names_that_no_store_can_keep_are_refused(option, name, tmp_path):
    path, db = written(tmp_path / "x.npz"), tmp_path / "g.duckdb"
    words = ("ingest", str(path), "--db", str(db), "--k", "4", option, name)
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 2
    assert re.search(f"'{option}': it must be .*text", result.stderr), result.stderr
    field = option.removeprefix("--")
    with pytest.raises(SpecError, match=f"{field} must be .*text.*give another {option}"):
        geoflow.ingest(path, db, k=4, **{field: name or " " * 201})
    assert not db.exists()
