"""Downloads from a server on this machine, so that no test needs a network."""

import gzip
import socket
import threading
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from small_files import IDX_NAMES, World

from geoflow.datasets import fetch, load
from geoflow.errors import DatasetError, SpecError
from geoflow.specs import DatasetSpec


class Handler(SimpleHTTPRequestHandler):
    """A file server that keeps what it was asked for and prints nothing."""

    def do_GET(self):
        self.server.asked.append(self.path)
        super().do_GET()

    def log_message(self, *args):
        pass


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A server of the folder tmp_path/web; `asked` are the paths it was asked for."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    (tmp_path / "web").mkdir()
    handler = partial(Handler, directory=str(tmp_path / "web"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        running.asked = []
        running.address = f"http://127.0.0.1:{running.server_port}/"
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def publish(small_mnist, server, tmp_path):
    """Empties the home, puts the files on the web under `good/` and the catalogue in order."""
    (tmp_path / "web" / "good").mkdir()
    for name, content in small_mnist.contents.items():
        (tmp_path / "web" / "good" / name).write_bytes(content)
        (small_mnist.home / "mnist" / name).unlink()

    def with_addresses(*folders: str) -> World:
        family = small_mnist.families["mnist"]
        files = tuple(
            replace(file, addresses=tuple(server.address + f + file.name for f in folders))
            for file in family.files
        )
        families = {"mnist": replace(family, files=files)}
        return replace(small_mnist, families=families)

    return with_addresses


class Bar:
    """A progress bar as pooch takes it."""

    total = 0

    def __init__(self):
        self.closed, self.done, self.totals = 0, 0, []

    def update(self, n):
        self.done += n

    def reset(self):
        self.done = 0

    def close(self):
        assert self.done == self.total
        self.totals.append(self.total)
        self.closed += 1


def test_fetched_files_load_and_are_not_fetched_again(publish, server, capfd):
    world, bar = publish("good/"), Bar()
    paths = fetch("mnist_1v7", world.home, bar, families=world.families)
    assert [path.name for path in paths] == list(IDX_NAMES)
    assert {path.parent for path in paths} == {world.home / "mnist"}
    assert [path.read_bytes() for path in paths] == list(world.contents.values())
    assert bar.totals == [len(content) for content in world.contents.values()]
    assert len(load(DatasetSpec("mnist"), world.home, families=world.families).y_test) == 30
    assert len(server.asked) == 4
    assert fetch("mnist", world.home, families=world.families) == paths
    assert len(server.asked) == 4
    assert capfd.readouterr() == ("", "")  # standard error is the progress bar's


def test_the_second_address_is_tried_when_the_first_fails(publish, server):
    world = publish("gone/", "good/")
    fetch("mnist", world.home, families=world.families)
    expected = [f"/{folder}/{name}" for name in IDX_NAMES for folder in ("gone", "good")]
    assert server.asked == expected
    assert load(DatasetSpec("mnist"), world.home, families=world.families).n_classes == 10


def test_wrong_bytes_fall_through_to_the_next_address(publish, tmp_path):
    (tmp_path / "web" / "bad").mkdir()
    for name in IDX_NAMES:
        (tmp_path / "web" / "bad" / name).write_bytes(b"a page that says hello")
    world = publish("bad/", "good/")
    paths = fetch("mnist", world.home, families=world.families)
    assert [path.read_bytes() for path in paths] == list(world.contents.values())


def test_wrong_bytes_everywhere_leave_nothing_behind(publish, tmp_path):
    world = publish("good/")
    (tmp_path / "web" / "good" / IDX_NAMES[1]).write_bytes(b"a page that says hello")
    with pytest.raises(DatasetError) as caught:
        fetch("mnist", world.home, families=world.families)
    message = str(caught.value)
    for word in (IDX_NAMES[1], "/good/", str(world.home / "mnist"), "hash"):
        assert word in message
    assert "\n" not in message
    assert [path.name for path in (world.home / "mnist").iterdir()] == [IDX_NAMES[0]]


def test_a_damaged_file_is_replaced_and_the_good_are_kept(publish, server):
    world = publish("good/")
    paths = fetch("mnist", world.home, families=world.families)
    paths[2].write_bytes(b"damaged")
    server.asked.clear()
    assert fetch("mnist", world.home, families=world.families) == paths
    assert server.asked == [f"/good/{IDX_NAMES[2]}"]
    assert paths[2].read_bytes() == world.contents[IDX_NAMES[2]]


def test_good_files_of_another_folder_are_kept(publish, server):
    world = publish("good/")
    other = world.home / "MNIST" / "raw"
    other.mkdir(parents=True)
    for name, content in world.contents.items():
        (other / name.removesuffix(".gz")).write_bytes(gzip.decompress(content))
    paths = fetch("mnist", world.home, families=world.families)
    assert {path.parent for path in paths} == {other} and server.asked == []


def test_no_network_is_one_line_with_every_address_and_the_folder(publish):
    world = publish("good/")
    with socket.socket() as closed:  # bound, not listening: a connection is refused
        closed.bind(("127.0.0.1", 0))
        nowhere = [f"http://127.0.0.1:{closed.getsockname()[1]}/{x}/" for x in "ab"]
        family = world.families["mnist"]
        files = tuple(
            replace(file, addresses=tuple(a + file.name for a in nowhere)) for file in family.files
        )
        with pytest.raises(DatasetError) as caught:
            fetch("mnist", world.home, families={"mnist": replace(family, files=files)})
    message = str(caught.value)
    assert "\n" not in message
    for word in (*(a + IDX_NAMES[0] for a in nowhere), str(world.home / "mnist"), "by hand"):
        assert word in message


def test_a_home_that_cannot_be_made_is_said(publish, tmp_path):
    world = publish("good/")
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DatasetError, match=r"cannot make .*file/mnist"):
        fetch("mnist", tmp_path / "file", families=world.families)


def test_cifar_fetches_the_archive_unless_a_good_file_is_there(small_cifar, server, tmp_path):
    archive = "cifar-10-binary.tar.gz"
    (tmp_path / "web" / archive).write_bytes(small_cifar.contents[archive])
    family = small_cifar.families["cifar"]
    files = tuple(
        replace(file, addresses=(server.address + file.name,)) if file.name == archive else file
        for file in family.files
    )
    families = {"cifar": replace(family, files=files)}
    npz = small_cifar.home / "cifar10" / "two.npz"
    npz.write_bytes(small_cifar.contents["two.npz"])
    assert fetch("cifar_plane_v_car", small_cifar.home, families=families) == [npz]
    assert server.asked == []
    npz.unlink()
    paths = fetch("cifar_plane_v_car", small_cifar.home, families=families)
    assert paths == [small_cifar.home / "cifar10" / archive]
    assert server.asked == [f"/{archive}"]


@pytest.mark.parametrize("name", ["digits_3v8", "breast_cancer", "synthetic_a"])
def test_offline_data_has_nothing_to_fetch(name, tmp_path):
    with pytest.raises(SpecError, match="nothing to fetch"):
        fetch(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_unknown_names_are_refused(tmp_path):
    with pytest.raises(SpecError, match="did you mean 'mnist'"):
        fetch("mnst", tmp_path)
