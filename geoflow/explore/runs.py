"""Queries of the console that run now: each in a process of its own, which a token names."""

import threading
from pathlib import Path

from geoflow.errors import StoreError
from geoflow.store.bounded import BoundedAnswer, BoundedReader, Limits

MOST_AT_ONCE = 4


class Runs:
    """Runs queries of a store, each within limits; safe for many threads."""

    def __init__(self, path: Path, limits: Limits | None = None) -> None:
        self.path = path
        self.limits = limits or Limits()
        self._idle: list[BoundedReader] = []
        self._at_work: dict[str, BoundedReader] = {}
        self._gate = threading.Lock()

    def answer(self, token: str, sql: str, most: int | None = None) -> BoundedAnswer:
        """Return the answer to a query, which `cancel` may end by its token.

        Raises StoreError, also where too many run.
        """
        with self._gate:
            if len(self._at_work) >= MOST_AT_ONCE or token in self._at_work:
                raise StoreError(
                    f"{len(self._at_work)} queries run already: wait for one, or cancel it"
                )
            reader = self._idle.pop() if self._idle else BoundedReader(self.path, self.limits)
            self._at_work[token] = reader
        try:
            return reader.query(sql, most)
        finally:
            with self._gate:
                del self._at_work[token]
                self._idle.append(reader)

    def cancel(self, token: str) -> None:
        """End the query of a token, if it runs."""
        with self._gate:
            reader = self._at_work.get(token)
        if reader is not None:
            reader.cancel()

    def close(self) -> None:
        """End every process."""
        with self._gate:
            readers = [*self._idle, *self._at_work.values()]
        for reader in readers:
            reader.close()
