"""What is taken is what hooks written by hand give, to the bit, and the model never notices."""

import random

import numpy as np
import pytest
import torch
from small_models import (
    Blocks,
    InPlace,
    Noisy,
    SeqFirst,
    Steps,
    Texts,
    Tuples,
    Twice,
    by_hand,
)
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import geoflow
from geoflow.capturing import activations, listed_layers
from geoflow.errors import CaptureError


def seeded(make, *shape, seed=0):
    torch.manual_seed(seed)
    return make(), torch.randn(*shape)


def paths_of(found):
    return found.provenance["captured_layers"]["path"].to_list()


def rows(tensor):
    return tensor.reshape(len(tensor), -1).numpy()


def test_blocks_are_chosen_in_the_order_in_which_they_run():
    model, x = seeded(Blocks, 9, 4)
    found = activations(model, x)
    assert paths_of(found) == ["blocks.0", "blocks.1", "blocks.2"]
    hands = by_hand(model, paths_of(found), x)
    for at, path in enumerate(paths_of(found), start=1):
        np.testing.assert_array_equal(found.layers[at], rows(hands[path][0]))
    assert found.layers[1].dtype == np.float32
    np.testing.assert_array_equal(found.layers[0], x.numpy())


@pytest.mark.parametrize(
    ("asked", "paths"),
    [
        ("blocks.*", ["blocks.0", "blocks.1", "blocks.2"]),
        ("blocks.1", ["blocks.1"]),
        (["head", "stem"], ["stem", "head"]),
        ("**.inner", ["blocks.0.inner", "blocks.1.inner", "blocks.2.inner"]),
        (nn.Linear, ["stem", "blocks.0.inner", "blocks.1.inner", "blocks.2.inner", "head"]),
        ("Block", ["blocks.0", "blocks.1", "blocks.2"]),
    ],
)
def test_layers_are_asked_for_by_globs_and_classes(asked, paths):
    model, x = seeded(Blocks, 5, 4)
    assert paths_of(activations(model, x, layers=asked)) == paths


def test_without_blocks_activations_are_chosen_and_without_them_children():
    x = torch.randn(5, 4)
    plain = nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 3), nn.GELU(), nn.Linear(3, 2))
    assert paths_of(activations(plain, x)) == ["1", "3"]
    linear = nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 2))
    assert paths_of(activations(linear, x)) == ["0", "1"]
    inside = nn.Sequential(*(nn.Sequential(nn.Linear(4, 4), nn.ReLU()) for _ in range(3)))
    assert paths_of(activations(inside, x)) == ["0", "1", "2"]


def test_an_activation_in_place_and_what_overwrites_it():
    model, x = seeded(InPlace, 6, 4)
    found = activations(model, x, layers="relu")
    wanted = torch.relu(model.linear(x)).detach().numpy()
    np.testing.assert_array_equal(found.layers[1], wanted)
    inplace = nn.Sequential(nn.Linear(4, 5), nn.ReLU(inplace=True), nn.Linear(5, 1))
    found = activations(inplace, x, layers=["0", "1"])
    np.testing.assert_array_equal(found.layers[1], inplace[0](x).detach().numpy())
    np.testing.assert_array_equal(found.layers[2], np.maximum(found.layers[1], 0))


def test_a_module_that_runs_twice_is_two_layers():
    model, x = seeded(Twice, 6, 4)
    found = activations(model, x)
    frame = found.provenance["captured_layers"]
    assert frame.select("path", "call", "n_calls").rows() == [("relu", 0, 2), ("relu", 1, 2)]
    hands = by_hand(model, ["relu"], x)["relu"]
    for at in (0, 1):
        np.testing.assert_array_equal(found.layers[at + 1], hands[at].numpy())
    names = [found.layers.plan.name(at) for at in (0, 1, 2)]
    assert names == ["the input", "relu:0", "relu:1"]


def test_shared_weights_and_a_module_under_two_names():
    torch.manual_seed(0)
    one, other = nn.Linear(4, 4), nn.Linear(4, 4)
    other.weight = one.weight
    model = nn.Sequential(one, nn.ReLU(), other, nn.ReLU(), one)
    x = torch.randn(6, 4)
    found = activations(model, x, layers=["4", "2"])
    frame = found.provenance["captured_layers"]
    assert frame.select("path", "call").rows() == [("0", 0), ("2", 0), ("0", 1)]
    np.testing.assert_array_equal(found.layers[3], model(x).detach().numpy())


def test_tuples_and_dictionaries_give_their_first_floating_tensor():
    model, x = seeded(Tuples, 6, 5, 4)
    found = activations(model, x, layers=["lstm", "branch"], pool="last")
    out, _ = model.lstm(x)
    np.testing.assert_array_equal(found.layers[1], out[:, -1].detach().numpy())
    np.testing.assert_array_equal(found.layers[2], model(x)[:, -1].detach().numpy())


def texts(side):
    torch.manual_seed(1)
    lengths = torch.tensor([5, 2, 4, 1, 3, 5, 2])
    words = torch.randint(1, 20, (7, 5))
    places = torch.arange(5)
    mask = places < lengths[:, None] if side == "right" else places >= 5 - lengths[:, None]
    ids = torch.zeros(7, 5, dtype=torch.long)
    for row, length in enumerate(lengths):
        ids[row, mask[row]] = words[row, :length]
    return {"input_ids": ids, "attention_mask": mask.long()}, lengths


@pytest.mark.parametrize("pool", [None, "first", "last", "max", "tokens"])
def test_left_and_right_padding_give_the_same(pool):
    torch.manual_seed(0)
    model = Texts()
    left, right = (activations(model, texts(side)[0], pool=pool) for side in ("left", "right"))
    assert paths_of(left) == ["encoder.layers.0", "encoder.layers.1"]
    np.testing.assert_array_equal(left.layers[0], right.layers[0])
    for at in (1, 2):
        np.testing.assert_allclose(left.layers[at], right.layers[at], atol=1e-6)


def test_sequences_are_pooled_over_the_tokens_that_count():
    torch.manual_seed(0)
    model, (batch, lengths) = Texts(), texts("right")
    hands = by_hand(model, ["encoder.layers.0"], **batch)["encoder.layers.0"][0]
    wanted = {
        "mean": [hands[at, :n].mean(dim=0) for at, n in enumerate(lengths)],
        "first": [hands[at, 0] for at in range(7)],
        "last": [hands[at, n - 1] for at, n in enumerate(lengths)],
        "max": [hands[at, :n].amax(dim=0) for at, n in enumerate(lengths)],
        "tokens": [hands[at, place] for at, n in enumerate(lengths) for place in range(n)],
    }
    for pool, parts in wanted.items():
        found = activations(model, batch, layers="encoder.layers.0", pool=pool)
        expected = torch.stack(parts).numpy()
        np.testing.assert_allclose(found.layers[1], expected, atol=1e-6)
        assert found.n == len(expected)
    labels = np.arange(7) % 2
    found = activations(model, batch, labels, pool="tokens")
    np.testing.assert_array_equal(found.labels, np.repeat(labels, lengths.numpy()))


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
def test_sequences_that_torch_nests_are_taken_too():
    torch.manual_seed(0)
    model, (batch, _) = Texts(), texts("right")
    whole = activations(model, batch)
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    nesting = nn.TransformerEncoder(layer, 2)
    nesting.load_state_dict(model.encoder.state_dict())
    model.encoder = nesting
    nested = activations(model, batch)
    for at in (1, 2):
        np.testing.assert_allclose(nested.layers[at], whole.layers[at], atol=1e-5)


def test_the_sequence_may_come_before_the_points():
    model, x = seeded(SeqFirst, 7, 3, 4)
    found = activations(model, x)
    hands = by_hand(model, ["encoder.layers.1"], x)["encoder.layers.1"][0]
    np.testing.assert_array_equal(found.layers[2], hands.transpose(0, 1).mean(dim=1).numpy())


@pytest.mark.parametrize("pool", ["flatten", "mean", "max", "tokens"])
def test_maps_are_pooled(pool):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 5, 3, padding=1), nn.ReLU(), nn.Conv2d(5, 4, 3, padding=1))
    x = torch.randn(6, 3, 4, 4)
    found = activations(model, x, layers="2", pool=pool)
    maps = model(x).detach()
    wanted = {
        "flatten": maps.reshape(6, -1),
        "mean": maps.mean(dim=(2, 3)),
        "max": maps.amax(dim=(2, 3)),
        "tokens": maps.permute(0, 2, 3, 1).reshape(-1, 4),
    }
    np.testing.assert_array_equal(found.layers[1], wanted[pool].numpy())
    if pool == "tokens":
        np.testing.assert_array_equal(found.layers[0], x.permute(0, 2, 3, 1).reshape(-1, 3))


def test_tokens_of_patches_begin_with_what_enters_the_first_layer():
    class Patches(nn.Module):
        def __init__(self):
            super().__init__()
            self.patch = nn.Conv2d(1, 8, 2, stride=2)
            layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
            self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)

        def forward(self, x):
            return self.encoder(self.patch(x).flatten(2).transpose(1, 2))

    model, x = seeded(Patches, 5, 1, 4, 4)
    found = activations(model, x, pool="tokens")
    wanted = model.patch(x).flatten(2).transpose(1, 2).reshape(-1, 8)
    np.testing.assert_array_equal(found.layers[0], wanted.detach().numpy())
    assert found.widths == [8, 8, 8]


def test_a_function_may_pool():
    model, x = seeded(SeqFirst, 7, 3, 4)
    found = activations(model, x, pool=lambda values, mask: values[:, 0] * 2)
    first = activations(model, x, pool="first")
    np.testing.assert_array_equal(found.layers[1], 2 * first.layers[1])


@pytest.mark.parametrize("size", [1, 5, 64])
def test_the_size_of_batches_changes_no_graph(size):
    model, x = seeded(Blocks, 40, 4)
    whole = activations(model, x, batch_size=40)
    found = activations(model, DataLoader(TensorDataset(x), batch_size=size))
    for one, other in zip(found.layers, whole.layers, strict=True):
        frames = [geoflow.layer_geometry(points, k=6) for points in (one, other)]
        assert frames[0].equals(frames[1])


@pytest.mark.parametrize(
    ("data", "options", "most"),
    [
        (torch.eye(100), {}, 64),
        (torch.eye(100).numpy(), {"batch_size": 40}, 40),
        (torch.rand(20, 3, 224, 224), {}, 16),
        ({"x": torch.rand(20, 3, 224, 224)}, {}, 16),
        (torch.rand(6, 700_000), {}, 4),
        (TensorDataset(torch.eye(100)), {}, 16),
    ],
    ids=["vectors", "as asked for", "pictures", "by name", "huge rows", "a data set"],
)
def test_fewer_large_rows_go_through_at_once(data, options, most):
    seen = []

    class Sums(nn.Module):
        def forward(self, x):
            seen.append(len(x))
            return self.act(x.flatten(1)[:, :50])

        def __init__(self):
            super().__init__()
            self.act = nn.ReLU()

    activations(Sums(), data, **options)
    assert max(seen) == most


class Plain(nn.Module):
    """Linear maps in a list, and activations that are no modules."""

    def __init__(self):
        super().__init__()
        self.maps = nn.ModuleList(nn.Linear(4, 4) for _ in range(3))
        self.head, self.act = nn.Linear(4, 2), nn.Identity()

    def forward(self, x):
        for one in self.maps:
            x = self.act(one(x).relu())
        return self.head(x)


def test_of_a_list_of_maps_each_is_a_layer():
    model, x = seeded(Plain, 20, 4)
    found = activations(model, x)
    assert [one.name for one in layers_of(found)][:3] == ["maps.0", "act:0", "maps.1"]
    hands = by_hand(model, ["maps.1", "act"], x)
    np.testing.assert_array_equal(found.layers[3], hands["maps.1"][0].numpy())
    second = activations(model, x, layers=["act:1", "head"])
    assert [one.name for one in layers_of(second)] == ["act:1", "head"]
    np.testing.assert_array_equal(second.layers[1], hands["act"][1].numpy())
    with pytest.raises(CaptureError, match="'act:3' match nothing"):
        activations(model, x, layers="act:3")


def layers_of(found):
    return [one.run for one in found.layers.plan.taken]


@pytest.mark.parametrize("kind", ["tensor", "array", "loader"])
def test_a_model_that_overwrites_its_input_changes_no_data(kind):
    layers = nn.ReLU(inplace=True), nn.Linear(4, 3), nn.ReLU(inplace=True)
    model, x = seeded(lambda: nn.Sequential(*layers), 40, 4)
    before = x.clone()
    data = {"tensor": x, "array": x.numpy(), "loader": [x[:20], x[20:]]}[kind]
    found = activations(model, data, batch_size=20)
    assert torch.equal(x, before)
    assert (x < 0).any()
    np.testing.assert_array_equal(found.layers[0], x.numpy())
    np.testing.assert_array_equal(found.layers[1], before.relu().numpy())


def test_training_mode_is_not_what_is_taken():
    model, x = seeded(Noisy, 8, 4)
    for module in (model, model.layers[1]):
        module.train()
    model.layers[3].eval()
    flags = [module.training for module in model.modules()]
    before = {name: one.clone() for name, one in model.state_dict().items()}
    found = activations(model, x)
    hands = by_hand(model, ["layers.2", "layers.5"], x)
    np.testing.assert_array_equal(found.layers[1], hands["layers.2"][0].numpy())
    model.layers[3].eval()
    assert [module.training for module in model.modules()] == flags
    assert all(torch.equal(before[name], one) for name, one in model.state_dict().items())


def test_compiled_models_are_those_that_they_were_compiled_from():
    model, x = seeded(Blocks, 8, 4)
    plain = activations(model, x)
    outer = torch.compile(model, backend="eager")
    inner, _ = seeded(Blocks, 8, 4)
    inner.blocks[1] = torch.compile(inner.blocks[1], backend="eager")
    own, _ = seeded(Blocks, 8, 4)
    own.compile(backend="eager")
    for one in (outer, nn.DataParallel(model), inner, own):
        found = activations(one, x)
        assert paths_of(found) == paths_of(plain)
        for a, b in zip(found.layers, plain.layers, strict=True):
            np.testing.assert_array_equal(a, b)
    assert type(inner.blocks[1]).__name__ == "OptimizedModule"
    assert own._compiled_call_impl is not None


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64])
def test_any_type_of_floats_comes_in(dtype):
    model, x = seeded(Blocks, 8, 4)
    model = model.to(dtype)
    found = activations(model, x.numpy())
    hands = by_hand(model, ["blocks.2"], x.to(dtype))["blocks.2"][0]
    np.testing.assert_array_equal(found.layers[3], hands.float().numpy())
    assert found.layers[3].dtype == np.float32
    frame = found.provenance["captured_layers"]
    assert set(frame["dtype"]) == {str(dtype).removeprefix("torch.")}


def test_control_flow_that_hangs_on_values():
    model, x = seeded(Steps, 8, 4)
    found = activations(model, x, layers=["two", "relu"])
    hands = by_hand(model, ["two", "relu"], x)
    np.testing.assert_array_equal(found.layers[2], hands["two"][1].numpy())
    assert found.layers.plan.name(1) == "two:0"


def test_hooks_of_the_user_stay_and_what_they_change_is_taken():
    model, x = seeded(Blocks, 8, 4)
    seen = []
    model.blocks[0].register_forward_hook(lambda *_: seen.append(1))
    model.blocks[1].register_forward_hook(lambda module, args, output: output * 2)
    hooks = [list(module._forward_hooks.items()) for module in model.modules()]
    found = activations(model, x)
    assert [list(module._forward_hooks.items()) for module in model.modules()] == hooks
    assert seen
    hands = by_hand(model, ["blocks.1"], x)["blocks.1"][0]
    np.testing.assert_array_equal(found.layers[2], hands.numpy())


def test_gradients_and_random_states_are_what_they_were():
    model, x = seeded(Noisy, 8, 4)
    model(x).sum().backward()
    gradients = [one.grad.clone() for one in model.parameters()]
    states = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].copy()  # noqa: NPY002
    generator = torch.Generator().manual_seed(3)
    loader = DataLoader(TensorDataset(x), batch_size=3, generator=generator)
    before = generator.get_state()
    assert len(activations(model, loader).provenance["captures"]) == 1
    assert all(map(torch.equal, gradients, (one.grad for one in model.parameters())))
    assert torch.equal(torch.get_rng_state(), states[0])
    assert random.getstate() == states[1]
    assert (np.random.get_state()[1] == states[2]).all()  # noqa: NPY002
    assert torch.equal(generator.get_state(), before)


def test_a_table_that_is_made_on_the_way_can_be_trained_with():
    class Positions(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear, self.relu, self.table = nn.Linear(4, 4), nn.ReLU(), None

        def forward(self, x):
            if self.table is None:
                self.table = torch.linspace(0, 1, 4)
            return self.relu(self.linear(x) * self.table)

    model, x = seeded(Positions, 6, 4)
    activations(model, x)
    model(x).sum().backward()
    assert model.linear.weight.grad is not None


def test_every_kind_of_data_gives_the_same():
    model, x = seeded(Blocks, 20, 4)
    y = torch.arange(20) % 2
    whole = activations(model, x, y)
    pairs = DataLoader(TensorDataset(x, y), batch_size=7)
    for data in (x.numpy(), x.tolist(), pairs, TensorDataset(x, y), list(pairs), [x[:9], x[9:]]):
        found = activations(model, data, y)
        for one, other in zip(found.layers, whole.layers, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-6)
    found = activations(model, pairs)
    np.testing.assert_array_equal(found.labels, y.numpy())
    assert found.provenance["captures"]["inputs"][0] == whole.provenance["captures"]["inputs"][0]


def test_what_a_classifier_says_is_known():
    model, x = seeded(Blocks, 12, 4)
    y = np.arange(12) % 2
    found = activations(model, x, y)
    logits = model(x).detach()
    np.testing.assert_array_equal(found.predicted, logits.argmax(dim=1).numpy())
    np.testing.assert_allclose(found.output, logits.softmax(dim=1).numpy(), rtol=1e-6)
    own = logits[np.arange(12), y] - logits[np.arange(12), 1 - y]
    np.testing.assert_allclose(found.margin, own.numpy(), rtol=1e-6)
    said = nn.Sequential(model, nn.Softmax(dim=1))
    found = activations(said, x, y, layers="0.blocks.*")
    assert found.provenance["captures"]["output_form"].to_list() == ["probabilities"]
    np.testing.assert_array_equal(found.predicted, logits.argmax(dim=1).numpy())


def test_what_could_be_taken_is_listed_without_being_taken():
    model, x = seeded(Twice, 6, 4)
    frame = listed_layers(model, x, layers="relu")
    assert frame["path"].to_list() == ["first", "relu", "again", "again", "relu"]
    assert frame["call"].to_list() == [0, 0, 0, 1, 1]
    assert frame["bytes"].to_list() == [4 * 6 * 5] * 5
    assert frame["is_chosen"].to_list() == [False, True, False, False, True]
