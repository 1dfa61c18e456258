"""Models of torchvision: what is taken is what its own extraction of features gives, to the bit."""

import numpy as np
import pytest
import torch
from small_models import by_hand
from small_vision import usable_torchvision

from geoflow.capturing import activations

BLOCKS = [f"layer{stage}.{block}" for stage in (1, 2, 3, 4) for block in (0, 1)]


@pytest.fixture(scope="module")
def vision():
    found = usable_torchvision()
    if found is None:
        pytest.skip("torchvision is not installed")
    return found


def test_resnet18_gives_what_feature_extraction_and_hooks_give(vision):
    from torchvision.models.feature_extraction import create_feature_extractor

    torch.manual_seed(0)
    model, x = vision.models.resnet18(weights=None), torch.randn(6, 3, 48, 48)
    found = activations(model, x)
    assert found.provenance["captured_layers"]["path"].to_list() == BLOCKS
    hands = by_hand(model, BLOCKS, x)
    with torch.no_grad():
        extracted = create_feature_extractor(model.eval(), BLOCKS)(x)
    for at, path in enumerate(BLOCKS, start=1):
        np.testing.assert_array_equal(found.layers[at], extracted[path].reshape(6, -1).numpy())
        np.testing.assert_array_equal(found.layers[at], hands[path][0].reshape(6, -1).numpy())


def test_at_224_pixels_its_blocks_have_752640_values_a_point(vision):
    torch.manual_seed(0)
    found = activations(vision.models.resnet18(weights=None), torch.randn(2, 3, 224, 224))
    assert sum(found.widths[1:]) == 752_640


@pytest.mark.parametrize(
    ("name", "kind", "count"),
    [
        pytest.param("vit_b_16", "EncoderBlock", 12, marks=pytest.mark.slow),
        ("swin_t", "SwinTransformerBlock", 12),
        ("convnext_tiny", "CNBlock", 18),
        ("mobilenet_v2", "InvertedResidual", 17),
        pytest.param("vgg11", "ReLU", 10, marks=pytest.mark.slow),
    ],
)
def test_blocks_are_what_one_would_call_blocks(vision, name, kind, count):
    torch.manual_seed(0)
    size = 224 if name == "vit_b_16" else 64
    model = getattr(vision.models, name)(weights=None)
    frame = activations(model, torch.randn(2, 3, size, size)).provenance["captured_layers"]
    assert frame["class"].to_list() == [kind] * count
