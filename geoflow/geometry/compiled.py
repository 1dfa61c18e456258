"""How geometry runs fast: numba kernels without the GIL, in plain threads over blocks of rows.

Every kernel writes only to its own rows or to arrays of its own block, so results do not depend
on the number of threads. Compiled code is cached beside the source (or in numba's user cache
where that is read-only): the second run compiles nothing.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar, cast

import numba

from geoflow.errors import SpecError
from geoflow.specs.values import Whole, brief, whole_in

Function = TypeVar("Function", bound=Callable[..., object])
Result = TypeVar("Result")


def kernel(function: Function) -> Function:
    """Compile a function of arrays to machine code that runs without the GIL."""
    return cast("Function", numba.njit(cache=True, nogil=True, error_model="numpy")(function))


def sum_kernel(function: Function) -> Function:
    """Compile a function of arrays whose sums may be added in any order: several at once."""
    return cast(
        "Function",
        numba.njit(cache=True, nogil=True, error_model="numpy", fastmath={"reassoc"})(function),
    )


def contracted_kernel(function: Function) -> Function:
    """Compile a function of arrays whose products may be fused with the sums they go into."""
    return cast(
        "Function",
        numba.njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})(function),
    )


def n_threads() -> int:
    """Return how many threads geometry uses: ``GEOFLOW_THREADS`` or every core we may run on."""
    asked = os.environ.get("GEOFLOW_THREADS", "")
    if asked:
        try:
            return Whole(1).checked("GEOFLOW_THREADS", whole_in(asked))
        except ValueError:
            raise SpecError(f"GEOFLOW_THREADS must be an integer, not {brief(asked)}") from None
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def over_blocks(
    function: Callable[[int, int], Result], n: int, size: int, threads: int | None = None
) -> list[Result]:
    """Return ``function(start, stop)`` of each block of ``range(n)``, in order, run in threads.

    A function that runs in these threads must not call this again with more than one thread.

    >>> over_blocks(lambda start, stop: stop - start, n=10, size=4)
    [4, 4, 2]
    """
    blocks = [(start, min(start + size, n)) for start in range(0, n, max(size, 1))]
    workers = min(threads or n_threads(), len(blocks))
    if workers <= 1:
        return [function(*block) for block in blocks]
    return list(thread_pool(workers).map(lambda block: function(*block), blocks))


@cache
def thread_pool(workers: int) -> ThreadPoolExecutor:
    """Return the threads that all calls share: starting them costs more than a small layer."""
    return ThreadPoolExecutor(workers, thread_name_prefix="geoflow")
