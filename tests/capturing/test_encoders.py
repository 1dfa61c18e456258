"""A transformer encoder of two layers with random weights: what is taken is what hooks give."""

import numpy as np
import pytest
import torch
from torch import nn

from geoflow.capturing import activations

pytestmark = pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")


def encoder(nests):
    torch.manual_seed(0)
    layer = nn.TransformerEncoderLayer(16, 4, 32, batch_first=True)
    return nn.TransformerEncoder(layer, 2, enable_nested_tensor=nests)


class Masked(nn.Module):
    """Padding is masked, as models of texts do it."""

    def __init__(self, nests):
        super().__init__()
        self.encoder = encoder(nests)

    def forward(self, x, attention_mask):
        return self.encoder(x, src_key_padding_mask=~attention_mask)


def hooked_by_hand(layers, call):
    """What leaves each layer, in evaluation and inference mode."""
    found = []
    handles = [
        one.register_forward_hook(lambda module, args, output: found.append(output.clone()))
        for one in layers
    ]
    with torch.inference_mode():
        call()
    for handle in handles:
        handle.remove()
    return found


@pytest.mark.parametrize("nests", [True, False])
@pytest.mark.parametrize("pool", ["flatten", "mean", "tokens"])
def test_an_encoder_gives_what_hooks_give_to_the_bit(pool, nests):
    model, x = encoder(nests), torch.randn(20, 7, 16)
    found = activations(model, x, pool=pool, batch_size=20)
    assert model.training
    hands = hooked_by_hand(model.layers, lambda: model.eval()(x))
    rows = {
        "flatten": lambda one: one.reshape(20, -1),
        "mean": lambda one: one.mean(dim=1),
        "tokens": lambda one: one.reshape(-1, 16),
    }[pool]
    assert len(hands) == len(found.layers) - 1 == 2
    for ours, theirs in zip(found.layers[1:], hands, strict=True):
        np.testing.assert_array_equal(ours, rows(theirs).numpy())


@pytest.mark.parametrize("nests", [True, False])
def test_so_does_one_with_padding(nests):
    model, x = Masked(nests), torch.randn(20, 7, 16)
    mask = torch.ones(20, 7, dtype=torch.bool)
    mask[:10, 5:] = False
    data = {"x": x, "attention_mask": mask}
    found = activations(model, data, pool="tokens", batch_size=20)
    hands = hooked_by_hand(model.encoder.layers, lambda: model.eval()(**data))
    for ours, theirs in zip(found.layers[1:], hands, strict=True):
        assert theirs.is_nested == nests
        tokens = torch.cat(theirs.unbind()) if nests else theirs[mask]
        np.testing.assert_array_equal(ours, tokens.numpy())
