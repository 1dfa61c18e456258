"""What cannot be taken is said in one line; hooks are gone, modes and the store as they were."""

import multiprocessing

import numpy as np
import pytest
import torch
from small_models import Blocks, Texts
from torch import nn
from torch.utils.data import DataLoader, RandomSampler, TensorDataset

import geoflow
from geoflow.archive.points import read_points
from geoflow.capturing import activations
from geoflow.errors import CaptureError, GeoflowError, SizeError, SpecError


class Raises(Blocks):
    def forward(self, x):
        raise RuntimeError(f"on the\nway of {len(super().forward(x))}")


class Nan(Blocks):
    def forward(self, x):
        return self.blocks[2](self.blocks[1](self.blocks[0](self.stem(x)) / 0))


class Still(Blocks):
    def forward(self, x):
        return self.blocks[0](self.stem(x) * 0)


class Idle(Blocks):
    def __init__(self):
        super().__init__()
        self.unused = nn.Linear(4, 4)


class Sometimes(Blocks):
    """The last block runs on small batches alone."""

    def forward(self, x):
        for block in self.blocks[: 3 if len(x) < 8 else 2]:
            x = block(x) if x.shape[1] == 6 else block(self.stem(x))
        return x


class Shuffles(torch.utils.data.Sampler):
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return iter(torch.randperm(self.n).tolist())

    def __len__(self):
        return self.n


class Broken(torch.utils.data.Dataset):
    """A data set whose file ends early."""

    def __len__(self):
        return 20

    def __getitem__(self, at):
        if at == 10:
            raise OSError("the file\nends here")
        return X[at]


def fails(values, mask):
    raise KeyError("no such pool")


def without_buffers(made):
    """A block, and a norm that has no parameters, but buffers that are not there yet."""
    return lambda: nn.Sequential(Blocks(), made(), nn.ReLU())


X = torch.randn(20, 4, generator=torch.Generator().manual_seed(0))
DATA = TensorDataset(X)
ZEROS = {"input_ids": torch.ones(5, 3, dtype=torch.long), "attention_mask": torch.ones(5, 3).long()}
ZEROS["attention_mask"][3] = 0
LONG = torch.arange(20) % 2
WRONG = {
    "raises": (Raises, X, {}, "the model raised RuntimeError: on the way"),
    "other input": (Blocks, torch.randn(20, 5), {}, r"raised RuntimeError: .*shape \(20, 5\)"),
    "no match": (Blocks, X, {"layers": "block.*"}, "layers 'block.*' match nothing: .*blocks"),
    "no class": (Blocks, X, {"layers": nn.Conv2d}, "layers Conv2d match nothing"),
    "no layers": (Blocks, X, {"layers": []}, "asks for nothing that ran"),
    "strange": (Blocks, X, {"layers": [3]}, "layers holds 3: give globs"),
    "idle": (Idle, X, {"layers": ["blocks.0", "unused"]}, "'unused' was asked for and never ran"),
    "nan": (Nan, X, {}, "layer 'blocks.1' holds NaN or infinity in 20 of 20 rows"),
    "nan input": (Blocks, X * torch.nan, {}, "'the input' holds NaN or infinity in 20 of 20"),
    "still": (Still, X, {"layers": "blocks.0"}, "'blocks.0' gives the same row for all 20"),
    "labels": (Blocks, X, {"labels": LONG[:19]}, r"labels .*\(19,\) but there are 20 points"),
    "one class": (Blocks, X, {"labels": LONG * 0}, "labels .*one class only"),
    "shuffled": (Blocks, DataLoader(DATA, shuffle=True), {}, "not the same twice: .*shuffle=False"),
    "sampler": (Blocks, DataLoader(DATA, sampler=RandomSampler(DATA)), {}, "not the same twice"),
    "own sampler": (Blocks, DataLoader(DATA, 7, sampler=Shuffles(20)), {}, "not the same twice"),
    "iterator": (Blocks, iter([X]), {}, "can be gone through once"),
    "broken": (Blocks, DataLoader(Broken(), 4), {}, "the data raised OSError: the file ends here"),
    "in a worker": (
        Blocks,
        DataLoader(Broken(), 4, num_workers=1),
        {},
        "^the data raised OSError: the file ends here: mend it$",
    ),
    "pair": (Blocks, (X, LONG), {}, r"a pair of arrays \(20, 4\) and \(20,\): give .* as labels"),
    "pool raises": (Blocks, X, {"pool": fails}, "pool raised KeyError: 'no such pool' on layer"),
    "meta buffer": (
        without_buffers(lambda: nn.BatchNorm1d(2, affine=False, device="meta")),
        X,
        {},
        "buffer '1.running_mean' is on the meta device",
    ),
    "lazy buffer": (
        without_buffers(lambda: nn.LazyBatchNorm1d(affine=False)),
        X,
        {},
        "buffer '1.running_mean' has no shape yet",
    ),
    "mask": (Texts, ZEROS, {}, "attention_mask of point 3 is all zeros"),
    "other mask": (
        Texts,
        ZEROS | {"attention_mask": torch.full((5, 3), 2)},
        {},
        "attention_mask holds numbers beside 0 and 1",
    ),
    "lengths": (Texts, ZEROS | {"input_ids": torch.ones(4, 3).long()}, {}, "as many"),
    "no rows": (Blocks, X[:0], {}, "holds no rows"),
    "text": (Blocks, "points", {}, "not an array of numbers|real numbers"),
    "function": (lambda: torch.relu, X, {}, "the model is a function: give a torch.nn.Module"),
    "meta": (lambda: Blocks().to("meta"), X, {}, "on the meta device: load the weights"),
    "lazy": (lambda: nn.Sequential(nn.LazyLinear(3), nn.ReLU()), X, {}, "has no shape yet"),
    "single": (lambda: nn.Linear(4, 3), X, {}, "has no layers inside"),
    "pool": (Blocks, X, {"pool": "avg"}, "unknown pool 'avg'"),
    "memory": (Blocks, X, {"memory": "100"}, "takes 480 bytes, memory is 100 bytes: give more"),
    "memory text": (Blocks, X, {"memory": "much"}, "memory must be a number of bytes"),
    "ragged": (Sometimes, [X[:5], X[5:]], {"layers": "blocks.2"}, "ran 0 times on points 5 to 19"),
}


def made(make):
    torch.manual_seed(0)
    return make()


def hooks(model):
    return [len(one._forward_hooks) + len(one._forward_pre_hooks) for one in model.modules()]


@pytest.mark.parametrize("kind", WRONG)
def test_what_cannot_be_taken_is_said_and_nothing_is_left_behind(kind, tmp_path):
    make, data, options, message = WRONG[kind]
    model = made(make)
    is_module = isinstance(model, nn.Module)
    before = hooks(model) if is_module else []
    db = tmp_path / "g.duckdb"
    words = {"labels": None} | options
    with pytest.raises(GeoflowError, match=message) as caught:
        geoflow.capture(model, data, db=db, name="n", k=3, **words)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []
    if is_module:
        assert hooks(model) == before
        assert all(module.training for module in model.modules())


def test_an_error_leaves_a_store_as_it_was(tmp_path):
    db = tmp_path / "g.duckdb"
    geoflow.capture(made(Blocks), X, db=db, name="n", k=3, transport=False)
    before = db.read_bytes()
    with pytest.raises(CaptureError):
        geoflow.capture(made(Raises), X, db=db, name="other", k=3)
    with pytest.raises(GeoflowError, match="network 'n' is already in"):
        geoflow.capture(None, None, db=db, name="n", k=3)
    assert db.read_bytes() == before


class AtSix(Blocks):
    def forward(self, x):
        if len(x) == 6:
            raise ValueError("six")
        return super().forward(x)


def test_processes_of_a_loader_end_with_the_capture_that_is_refused():
    sizes = [range(4), range(4, 10), range(10, 20)]
    loader = DataLoader(TensorDataset(X), batch_sampler=sizes, num_workers=1)
    with pytest.raises(CaptureError, match="six") as caught:
        activations(made(AtSix), loader)
    assert caught.value.__traceback__ is not None  # which holds the frames that read the data
    assert multiprocessing.active_children() == []


def test_they_end_with_data_that_raise():
    with pytest.raises(CaptureError, match="the data raised OSError") as caught:
        activations(made(Blocks), DataLoader(Broken(), 4, num_workers=1))
    assert caught.value.__cause__ is not None
    assert multiprocessing.active_children() == []


def test_words_that_there_are_not_are_refused_with_the_nearest():
    with pytest.raises(SpecError, match="unknown option 'layer', did you mean 'layers'"):
        activations(made(Blocks), X, layer="blocks.0")


def test_ambiguous_shapes_are_refused_until_one_says_what_they_are():
    model = nn.Sequential(nn.Linear(4, 4), nn.Unflatten(1, (2, 2)), nn.ReLU())
    with pytest.raises(CaptureError, match=r"gives \(2, 2\) .* a map of channels or a sequence"):
        activations(model, X, layers="2")
    assert activations(model, X, layers="2", pool="flatten").widths == [4, 4]


def test_weights_that_change_between_two_passes_are_noticed():
    model = made(Blocks)
    found = activations(model, X, memory=1000)
    assert not found.is_whole
    with torch.no_grad():
        model.stem.weight.add_(1)
    with pytest.raises(CaptureError, match="weights of the model have changed"):
        _ = found.layers[3]


def test_sharded_and_scripted_models_are_refused():
    class FullyShardedDataParallel(nn.Sequential):
        pass

    with pytest.raises(CaptureError, match="sharded over several processes"):
        activations(FullyShardedDataParallel(nn.Linear(4, 3), nn.ReLU()), X)


def test_data_that_changes_between_two_passes_is_noticed():
    class Growing:
        def __init__(self):
            self.n = 0

        def __iter__(self):
            self.n += 1
            yield X[:10]
            yield X[10:] + (self.n > 3)

    found = activations(made(Blocks), Growing(), memory=1000)
    with pytest.raises(CaptureError, match="not the same twice"):
        list(found.layers)


def test_a_layer_larger_than_the_memory_is_named():
    with pytest.raises(SizeError, match=r"layer 'blocks.0' of 20 points takes 480 bytes"):
        activations(made(Blocks), X, memory=400)


@pytest.mark.parametrize("size", [1000, 700])
def test_layers_in_several_passes_are_those_of_one(size):
    model = made(Blocks)
    whole, parts = activations(model, X), activations(model, DataLoader(DATA, 20), memory=size)
    for one, other in zip(parts.layers, whole.layers, strict=True):
        np.testing.assert_array_equal(one, other)
    assert parts.layers.n_passes > 1


def test_a_projection_is_asked_for_and_kept_as_a_column(tmp_path):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 900), nn.ReLU(), nn.Linear(900, 30), nn.ReLU())
    found = activations(model, X, project=400)
    assert found.widths == [4, 400, 30]
    again = activations(model, X, project=400)
    np.testing.assert_array_equal(found.layers[1], again.layers[1])
    whole = activations(model, X).layers[1]
    ratio = np.linalg.norm(found.layers[1][0] - found.layers[1][1]) / np.linalg.norm(
        whole[0] - whole[1]
    )
    assert abs(ratio - 1) < 0.2
    frame = found.provenance["captured_layers"]
    assert frame.select("project", "project_seed").rows() == [(400, 0), (None, None)]


class Later(torch.utils.data.Dataset):
    """Points of which the last ones are others every time."""

    def __len__(self):
        return 40

    def __getitem__(self, at):
        return torch.randn(4) * (at > 30) + torch.arange(4.0) * at


def test_batches_that_change_after_the_first_are_refused(tmp_path):
    for _ in range(2):
        with pytest.raises(CaptureError, match="the data is not the same twice"):
            geoflow.capture(
                Blocks(), DataLoader(Later(), 8), db=tmp_path / "g.duckdb", name="b", k=5
            )
    assert not (tmp_path / "g.duckdb").exists()


def test_a_file_of_points_holds_no_array_that_is_not_taken(tmp_path):
    np.savez(tmp_path / "p.npz", x=np.eye(9), attention_mask=np.ones((9, 9)), y=np.arange(9))
    with pytest.raises(GeoflowError, match=r"holds attention_mask, x: give the points as x alone"):
        read_points(tmp_path / "p.npz")
