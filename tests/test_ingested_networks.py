"""Networks of a user with skip connections, and what is kept of what was left out."""

import numpy as np
import pytest
import torch

import geoflow
from geoflow.errors import DatasetError
from geoflow.geometry.transport.affinity import affinity
from geoflow.ingestion import ingest

DEPTH = 3


class Residual(torch.nn.Module):
    """h_1 = relu(W_1 x), h_l = h_{l-1} + relu(W_l h_{l-1})."""

    def __init__(self):
        super().__init__()
        self.first = torch.nn.Linear(4, 6)
        self.blocks = torch.nn.ModuleList(torch.nn.Linear(6, 6) for _ in range(DEPTH - 1))
        self.relus = torch.nn.ModuleList(torch.nn.ReLU() for _ in range(DEPTH))

    def forward(self, x):
        hidden = [self.relus[0](self.first(x))]
        for block, relu in zip(self.blocks, self.relus[1:], strict=True):
            hidden.append(hidden[-1] + relu(block(hidden[-1])))
        return hidden


@pytest.fixture(scope="module")
def arrays():
    """What a user's hooks see of a residual network: the layers, and both sides of each ReLU."""
    torch.manual_seed(0)
    network, x = Residual(), torch.randn(40, 4)
    seen = {}

    def hook(number):
        def keep(module, inputs, output):
            seen[f"pre_{number:02d}"] = inputs[0].detach().clone()
            seen[f"post_{number:02d}"] = output.detach().clone()

        return keep

    for number, relu in enumerate(network.relus, start=1):
        relu.register_forward_hook(hook(number))
    with torch.no_grad():
        hidden = network(x)
    layers = {f"layer_{at:02d}": layer for at, layer in enumerate([x, *hidden])}
    return layers | seen


def signature_of(db):
    rows = geoflow.open(db).view("layer_affinities").sort("layer")
    return rows["affinity_score"].to_list()


def affinities(arrays, after):
    pairs = [(arrays[f"pre_{at:02d}"], arrays[f"{after}_{at:02d}"]) for at in range(1, DEPTH + 1)]
    return [affinity(x.double().numpy(), y.double().numpy()).affinity for x, y in pairs]


def test_the_signature_of_a_residual_network_is_of_its_activations(arrays, tmp_path):
    done = ingest(arrays, tmp_path / "g.duckdb", k=5)
    assert done.left_out == []
    found = signature_of(tmp_path / "g.duckdb")
    assert found == pytest.approx(affinities(arrays, "post"), rel=1e-12)
    skipped = affinities(arrays, "layer")
    assert found[0] == pytest.approx(skipped[0])  # the first layer has no skip connection
    assert all(abs(a - b) > 0.01 for a, b in zip(found[1:], skipped[1:], strict=True))


def test_without_post_the_layers_are_what_leaves_the_activations(arrays, tmp_path):
    plain = {name: array for name, array in arrays.items() if not name.startswith("post")}
    ingest(plain, tmp_path / "g.duckdb", k=5)
    found = signature_of(tmp_path / "g.duckdb")
    assert found == pytest.approx(affinities(arrays, "layer"), rel=1e-12)


def test_layers_may_be_wider_than_what_their_activations_add(arrays, tmp_path):
    """As where a block is appended to what came before, not added."""
    wide = dict(arrays)
    for at in range(2, DEPTH + 1):
        wide[f"layer_{at:02d}"] = torch.cat(
            [wide[f"layer_{at - 1:02d}"], wide[f"post_{at:02d}"]], 1
        )
    ingest(wide, tmp_path / "g.duckdb", k=5)
    found = signature_of(tmp_path / "g.duckdb")
    assert found == pytest.approx(affinities(arrays, "post"), rel=1e-12)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"post_02": None},
            "hold post_01, post_03 but not post_02: give post-activations of every",
        ),
        ({"post_04": np.ones((40, 6))}, "post_04 for 3 hidden layers: give post-activations"),
        ({"post_02": np.ones((40, 5))}, r"pre_02 .*shape \(40, 6\) but post_02 has \(40, 5\)"),
        ({"post_02": np.full((40, 6), np.nan)}, "post_02 .*40 of 40 points hold NaN"),
        (
            {"pre_01": np.ones((39, 6)), "post_01": np.ones((39, 6))},
            r"pre_01 .*shape \(39, 6\) .*one row per test point",
        ),
    ],
)
def test_what_leaves_activations_and_does_not_fit_is_refused(changes, said, arrays, tmp_path):
    given = {name: array for name, array in (arrays | changes).items() if array is not None}
    with pytest.raises(DatasetError, match=said) as caught:
        ingest(given, tmp_path / "g.duckdb", k=5)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_what_was_left_out_is_kept_with_the_network(arrays, tmp_path):
    db = tmp_path / "g.duckdb"
    some = {name: array for name, array in arrays.items() if not name.startswith("pre")}
    done = ingest(some | {"note\x1b": np.ones(3)}, db, k=5, name="first")
    ingest(arrays, db, k=5, name="second", dataset="first")
    rows = geoflow.open(db).query(
        "select n.name, l.what, l.reason from left_out as l join networks as n using (network_id)"
        " order by all"
    )
    kept = {row[1]: row[2] for row in rows.iter_rows() if row[0] == "first"}
    unused = ["note\x1b", "post_01", "post_02", "post_03"]
    assert done.left_out == unused
    assert kept.keys() == {
        "note\\x1b", *unused[1:], "non-linearity signature", "local complexity"
    }  # fmt: skip
    assert kept["post_01"].endswith("there is no pre_01")
    assert [
        f"{what}: {kept[what]}" for what in ("non-linearity signature", "local complexity")
    ] == (done.not_measured)
    assert [row[1] for row in rows.iter_rows() if row[0] == "second"] == ["local complexity"]
    assert geoflow.open(db).check()["n_offences"].sum() == 0
