"""How torch and BLAS are set while networks are trained and looked at."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import torch
from threadpoolctl import ThreadpoolController


@contextmanager
def set_for_training() -> Iterator[None]:
    """Set torch and BLAS to one thread and to denormal numbers that count as 0, then back.

    Small products are slower on more threads, and one is reproducible: what a network makes of
    points does not depend on how many there are. A network that is sure of its rows has gradients
    whose squares are denormal numbers, which cost a processor a hundred times as much. Geometry
    needs both back.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    try:
        with thread_pools().limit(limits=1, user_api="blas"):
            yield
    finally:
        torch.set_flush_denormal(False)
        torch.set_num_threads(threads)


@cache
def thread_pools() -> ThreadpoolController:
    """Return the libraries of this process that have threads: to look for them takes 10 ms."""
    import scipy.linalg.cython_blas  # noqa: F401  numba multiplies with it, and loads it late

    return ThreadpoolController()
