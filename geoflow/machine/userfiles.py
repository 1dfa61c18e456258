"""Files that users name: a regular file, or in words why there is none; nothing is waited for."""

import os
import stat
from pathlib import Path
from typing import BinaryIO

OTHER_KINDS = {
    stat.S_IFDIR: "it is a folder",
    stat.S_IFIFO: "it is a pipe, not a file",
    stat.S_IFCHR: "it is a device, not a file",
    stat.S_IFBLK: "it is a device, not a file",
}


def fault(path: Path) -> str | None:
    """Return why no file can be at a path, None where one is, or nothing yet.

    >>> fault(Path("n" * 300)), fault(Path("none")), fault(Path("/dev/null"))
    ('File name too long', None, 'it is a device, not a file')
    """
    try:
        kind = stat.S_IFMT(path.stat().st_mode)
    except FileNotFoundError:
        return None
    except OSError as error:
        return error.strerror
    except ValueError as error:
        return f"it is not a file name: {error}"
    return None if kind == stat.S_IFREG else OTHER_KINDS.get(kind, "it is not a file")


def open_regular(path: Path) -> BinaryIO:
    """Return a regular file, open to read; OSError says in ``strerror`` what else is there.

    A pipe is not waited for and a device not read: what is open is looked at, not the name.
    """
    try:
        # A pipe that nobody writes to would be waited for without O_NONBLOCK.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except ValueError as error:  # a NUL in the name, or half a character
        raise OSError(None, f"it is not a file name: {error}") from None
    try:
        kind = stat.S_IFMT(os.fstat(descriptor).st_mode)
        if kind != stat.S_IFREG:
            raise OSError(None, OTHER_KINDS.get(kind, "it is not a file"))
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise
