"""What it costs to take activations: beside a plain forward pass of the same batches.

pytest tests/benchmarks/test_bench_capture.py --benchmark-only
"""

import pytest
import torch
from small_vision import usable_torchvision

from geoflow.capturing import activations

N, BATCH = 192, 32


@pytest.fixture(scope="module")
def vision():
    """resnet18 with random weights, and pictures of 224 x 224."""
    found = usable_torchvision()
    if found is None:
        pytest.skip("torchvision is not installed")
    torch.manual_seed(0)
    return found.models.resnet18(weights=None).eval(), torch.randn(N, 3, 224, 224)


@pytest.mark.benchmark(group="192 pictures of 224 x 224 through resnet18")
@pytest.mark.parametrize("who", ["capture", "plain"])
def test_taking_activations(benchmark, vision, who):
    model, x = vision

    def plain():
        with torch.inference_mode():
            return [model(rows) for rows in x.split(BATCH)]

    def capture():
        return activations(model, x, batch_size=BATCH, memory="2G")

    found = benchmark.pedantic({"plain": plain, "capture": capture}[who], rounds=5, warmup_rounds=1)
    if who == "capture":
        assert sum(found.widths[1:]) == 752_640
        assert found.layers.n_passes == 1
