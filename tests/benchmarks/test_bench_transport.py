"""All transport geometry of one network: 2,000 points through 11 hidden layers of 50 units.

    pytest tests/benchmarks/test_bench_transport.py --benchmark-only

Exact assignment of every step and of the track, straightness, affinity of every activation, local
complexity around 3 x 500 points at three radii. The network is random but far from the identity,
with the input of another width, as for images. Wall and processor seconds and peak memory, of a
process of its own, are printed below the table. Target: 30 s on 2 cores, 2 GB.
"""

import json
import subprocess
import sys

import pytest

POINTS, WIDTH, DEPTH, FEATURES = 2000, 50, 11, 784
CODE = f"""
import json, resource, time
import numpy as np
from geoflow.specs import TransportSpec
from geoflow.measure.activations import Activations
from geoflow.measure.transport import Places, transport_frames

rng = np.random.default_rng(0)
sizes = [{FEATURES}, *[{WIDTH}] * {DEPTH}]
weights = [
    (rng.normal(size=shape) * np.sqrt(2 / shape[0])).astype(np.float32)
    for shape in zip(sizes[:-1], sizes[1:])
]

def forward(x):
    found = []
    for weight in weights:
        found.append(x @ weight)
        x = np.maximum(found[-1], 0)
    return found

x = rng.random(({POINTS}, {FEATURES}), dtype=np.float32)
pre = forward(x)
post = [np.maximum(z, 0) for z in pre]
drawn = [Places(one, np.arange(500)) for one in rng.random((3, 500, {FEATURES}), np.float32)]
kinds = dict(zip(("train", "test", "random"), drawn))
ways = {{
    "warm": Activations([x[:50], *(layer[:50] for layer in post)]),
    "tracks": Activations([x, *post]),
    "signature": Activations([x, *post], pre=pre),
    "all": Activations([x, *post], pre=pre, forward=forward),
}}
said = {{}}
for name, way in ways.items():
    start, before = time.perf_counter(), time.process_time()
    around = kinds if way.forward else None
    tables = transport_frames(way, TransportSpec(), True, around)
    said[name] = time.perf_counter() - start, time.process_time() - before
usage = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps(said | {{"gigabytes": usage.ru_maxrss / 2**20, "tables": sorted(tables)}}))
"""


def whole_network() -> dict:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.benchmark(group="transport geometry of a network, with start and warm-up")
def test_network_of_2000_points_and_11_layers(benchmark, memory):
    said = benchmark.pedantic(whole_network, rounds=1)
    assert "layer_complexities" in said["tables"]
    (wall, cpu), (tracks, tracks_cpu), (part, part_cpu) = (
        said[name] for name in ("all", "tracks", "signature")
    )
    memory.append(
        f"transport geometry: {wall:.1f} s ({cpu:.1f} s of processors), {said['gigabytes']:.2f} GB;"
        f" tracks {tracks:.1f} s ({tracks_cpu:.1f}),"
        f" signature {part - tracks:.1f} s ({part_cpu - tracks_cpu:.1f}),"
        f" complexity {wall - part:.1f} s ({cpu - part_cpu:.1f})"
    )
    assert said["gigabytes"] < 2
