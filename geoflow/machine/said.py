"""What was asked of geoflow, in the words of who asked: a command line, or a call."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_words: ContextVar[str | None] = ContextVar("words", default=None)


@contextmanager
def said(words: str) -> Iterator[None]:
    """Let runs that begin inside keep these words, unless somebody further out has said others.

    >>> with said("geoflow train circles"), said("train(circles)"):
    ...     what_was_said()
    'geoflow train circles'
    """
    token = _words.set(_words.get() or words.encode("utf-8", "backslashreplace").decode())
    try:
        yield
    finally:
        _words.reset(token)


def what_was_said() -> str | None:
    """Return the outermost words, None where none were said."""
    return _words.get()
