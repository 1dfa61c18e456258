"""Files that are written whole or not at all, and never over a store."""

import os
import re
import select
from contextlib import suppress
from io import RawIOBase
from pathlib import Path
from typing import BinaryIO

from geoflow.errors import SpecError
from geoflow.text.shown import short


def refuse_output(path: Path, store: Path) -> None:
    """Refuse a file that is the store by any name, a folder, or in a folder that is not there."""
    try:
        is_taken = leads_to_store(path, store)
    except (OSError, RuntimeError) as error:  # a loop of links is a RuntimeError
        why = getattr(error, "strerror", None) or "its links form a loop"
        raise SpecError(f"cannot write {short(path, 300)} ({why}): name another file") from None
    if is_taken:
        raise SpecError(f"{path} is the store {store}: name another file, or it would be lost")
    if path.is_dir() or not path.parent.is_dir():
        raise SpecError(f"cannot write {path}: name a file in a folder that exists")


def leads_to_store(path: Path, store: Path) -> bool:
    """Return whether a path leads to the store or to its log, by a link or a hard link too."""
    real = store.resolve()
    files = [store, *(one.with_name(f"{one.name}.wal") for one in (store, real))]
    return any(
        path.resolve() == file.resolve()
        or (path.exists() and file.exists() and path.samefile(file))
        for file in files
    )


def write_whole(path: Path, content: bytes) -> None:
    """Write a file beside its place, then move it there; pipes and devices are written as they are.

    A link is followed, and a file that is replaced keeps its mode. Raises SpecError.
    """
    try:
        if (number := stream_number(path)) is not None:
            with open(number, "wb", buffering=0, closefd=False) as stream:
                write_all(stream, content)
        elif path.exists() and not path.is_file():
            with suppress(BrokenPipeError), path.open("wb", buffering=0) as stream:
                write_all(stream, content)  # until its reader has enough
        else:
            replace_file(path.resolve(), content)
    except BrokenPipeError:
        raise  # of standard output: the command answers it
    except OSError as error:
        raise SpecError(f"cannot write {path} ({error.strerror}): name another file") from None


def stream_number(path: Path) -> int | None:
    """Return which open stream a path stands for: opening it anew would begin at its start.

    >>> stream_number(Path("/dev/stdout")), stream_number(Path("/dev/fd/63"))
    (1, 63)
    """
    found = re.fullmatch(r"/dev/fd/(\d+)", str(path))
    return int(found[1]) if found else {"/dev/stdout": 1, "/dev/stderr": 2}.get(str(path))


def write_all(stream: BinaryIO | RawIOBase, content: bytes) -> None:
    """Write to a stream without a buffer; a pipe may take a part at a time."""
    rest = memoryview(content)
    while rest:
        taken = stream.write(rest)
        if taken is None:  # full, and set not to wait
            select.select([], [stream], [])
        rest = rest[taken or 0 :]


def replace_file(path: Path, content: bytes) -> None:
    """Put a whole file in the place of what is there."""
    building = path.with_name(f".{os.urandom(8).hex()}.new")
    try:
        with building.open("xb") as stream:
            stream.write(content)
        if path.exists():
            building.chmod(path.stat().st_mode)
        building.replace(path)
    finally:
        building.unlink(missing_ok=True)
