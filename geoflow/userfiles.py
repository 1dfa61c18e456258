"""Opens a file that a user names: a regular file, or the reason why not, and it never waits."""

import os
import stat
from pathlib import Path
from typing import BinaryIO

KINDS = {
    stat.S_IFDIR: "it is a folder",
    stat.S_IFIFO: "it is a pipe, not a file",
    stat.S_IFCHR: "it is a device, not a file",
    stat.S_IFBLK: "it is a device, not a file",
}


def opened(path: Path) -> BinaryIO:
    """Return a regular file, open to read; OSError says in ``strerror`` what else is there.

    A pipe is not waited for and a device not read: what is open is looked at, not the name.
    """
    try:
        # A pipe that nobody writes to would be waited for without O_NONBLOCK.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except ValueError as error:  # a NUL in the name, or half a character
        raise OSError(None, f"the name is no file name: {error}") from None
    try:
        kind = stat.S_IFMT(os.fstat(descriptor).st_mode)
        if kind != stat.S_IFREG:
            raise OSError(None, KINDS.get(kind, "it is not a file"))
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise
