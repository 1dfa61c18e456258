"""Who does the tasks of a study: processes of this machine, or the workers of an executor."""

import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from geoflow.errors import SpecError
from geoflow.study._caller import calling
from geoflow.study._engine import Engine, PlainEngine, delivered
from geoflow.study._order import order_of
from geoflow.study._pool import outcomes
from geoflow.study._task import Failure, Share, Task

Crew = Callable[[Sequence[Task], Share | None], Generator[tuple[Task, Failure | None], None, None]]
"""Is given tasks, yields each with the reason why it failed, or None where its shard is there."""


def engine_of(executor: object, shards: str | Path | None = None) -> Engine | None:
    """Return the engine of an executor or a client of Dask, None for this machine alone."""
    if executor is None:
        if shards is not None:
            raise SpecError("shards are sent by workers elsewhere: give an executor, or --cluster")
        return None
    distributed = sys.modules.get("distributed")  # who has a client has imported it
    if distributed is not None and isinstance(executor, distributed.Client):
        from geoflow.study._dask import DaskEngine

        return DaskEngine(executor)
    if isinstance(executor, Executor):
        return PlainEngine(executor)
    raise SpecError(
        "executor must be one of concurrent.futures or a client of Dask, not"
        f" {type(executor).__name__}"
    )


@contextmanager
def crew_of(
    engine: Engine | None, jobs: int | None, shards: str | Path | None, device: str, folder: Path
) -> Iterator[Crew]:
    """Yield who does tasks; ``folder``: of this run, on the shelf beside the store.

    device: where workers of an engine compute.
    """
    if engine is None:
        yield partial(outcomes, jobs=jobs or 1)
        return
    with calling(folder, None if shards is None else str(shards)) as caller:
        send = partial(order_of, caller=caller, device=device)
        yield partial(delivered, engine=engine, send=send, jobs=jobs)
