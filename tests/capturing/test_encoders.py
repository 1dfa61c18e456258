"""A transformer encoder of two layers with random weights: what is taken is what hooks give."""

import numpy as np
import pytest
import torch
from torch import nn

from geoflow.capturing import activations
from geoflow.errors import CaptureError

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


class Pair(nn.Module):
    """An encoder, and a decoder that has tokens of its own, called as those of transformers are."""

    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(9, 16)
        layer = nn.TransformerDecoderLayer(16, 4, 32, batch_first=True)
        self.encoder, self.decoder = encoder(nests=False), nn.TransformerDecoder(layer, 2)

    def forward(
        self, input_ids, decoder_input_ids, attention_mask=None, decoder_attention_mask=None
    ):
        told = self.encoder(self.words(input_ids))
        return self.decoder(self.words(decoder_input_ids), told)


@pytest.mark.parametrize("length", [7, 4])
@pytest.mark.parametrize("has_own", [True, False])
@pytest.mark.parametrize("pool", ["mean", "tokens"])
def test_a_decoder_has_its_own_mask(length, has_own, pool):
    torch.manual_seed(0)
    model = Pair()
    data = {"input_ids": torch.randint(9, (20, 7)), "attention_mask": torch.ones(20, 7)}
    data["decoder_input_ids"] = torch.randint(9, (20, length))
    data["attention_mask"][:10, 5:] = 0
    masks = {"encoder": data["attention_mask"].bool(), "decoder": torch.ones(20, length).bool()}
    if has_own:
        masks["decoder"][5:, 3:] = False
        data["decoder_attention_mask"] = masks["decoder"].int()
    for which, mask in masks.items():
        layers = f"{which}.layers.*"
        found = activations(model, data, layers=layers, pool=pool, batch_size=20)
        every = getattr(model, which).layers
        hands = hooked_by_hand(every, lambda: model.eval()(**data))
        for ours, theirs in zip(found.layers[1:], hands, strict=True):
            counts = mask[..., None]
            means = torch.where(counts, theirs, 0).sum(1) / mask.sum(1, keepdim=True)
            expected = theirs[mask] if pool == "tokens" else means
            np.testing.assert_allclose(ours, expected.numpy(), rtol=1e-6, atol=1e-6)
        assert len(found.layers[0]) == len(found.layers[1])


def test_tokens_of_a_decoder_are_no_others():
    data = {"input_ids": torch.randint(9, (20, 7)), "decoder_input_ids": torch.ones(20, 7).int()}
    with pytest.raises(
        CaptureError, match=r"'decoder.layers.1' has the tokens of the decoder, 'enc"
    ):
        activations(Pair(), data, layers="*.layers.*", pool="tokens")
