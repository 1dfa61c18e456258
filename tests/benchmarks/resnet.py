"""Pictures through resnet18 into a store, layer by layer within a memory: seconds and gigabytes.

python tests/benchmarks/resnet.py 2000 4G     pictures of 224 x 224, memory: one line
"""

import resource
import sys
import tempfile
import time
from pathlib import Path

import torch

import geoflow

sys.path.insert(0, str(Path(__file__).parents[1]))
from small_vision import usable_torchvision


def main(n: int, memory: str) -> None:
    """Measure the eight blocks with random weights, k = 10, and all that is measured by default."""
    found = usable_torchvision()
    if found is None:
        sys.exit("torchvision is not installed")
    torch.manual_seed(0)
    model, images = found.models.resnet18(weights=None), torch.randn(n, 3, 224, 224)
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        db = Path(folder) / "g.duckdb"
        geoflow.capture(model, images, torch.arange(n) % 2, db=db, name="r", k=10, memory=memory)
    used = resource.getrusage(resource.RUSAGE_SELF)
    clock, processors = time.perf_counter() - start, used.ru_utime + used.ru_stime
    most, given = used.ru_maxrss * 1024 / 1e9, images.nbytes / 1e9
    took = f"{clock:.0f} s, {processors:.0f} s of processors"
    sys.stdout.write(f"{took}, {most:.2f} GB, {given:.2f} GB of it given\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
