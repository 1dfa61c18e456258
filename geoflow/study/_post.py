"""How shards of workers elsewhere come to the caller: a folder that all can see, or a bucket."""

import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from geoflow.errors import ClusterError


class Post(Protocol):
    """A few files by name under one address; a name is ``file`` or ``shard/file``."""

    def write(self, name: str, content: bytes) -> None:
        """Write a file; what it lies in is made, the address itself is not."""

    def read(self, name: str) -> bytes:
        """Return a file. Raises OSError where it is not there."""

    def make(self) -> None:
        """Make the address."""

    def remove(self, name: str = "") -> None:
        """Remove all below a name, all there is without one."""


class FolderPost:
    """A folder that every worker has mounted under the same name."""

    def __init__(self, address: str) -> None:
        self.root = Path(address)

    def write(self, name: str, content: bytes) -> None:
        """Write a file; nothing is made where the folder itself is not there."""
        file = self.root / name
        if file.parent != self.root:
            file.parent.mkdir(exist_ok=True)
        file.write_bytes(content)

    def read(self, name: str) -> bytes:
        """Return a file."""
        return (self.root / name).read_bytes()

    def make(self) -> None:
        """Make the folder."""
        self.root.mkdir(parents=True)

    def remove(self, name: str = "") -> None:
        """Remove a shard, or the folder."""
        shutil.rmtree(self.root / name, ignore_errors=True)


class BucketPost:
    """Any address of fsspec: s3://, gs://, sftp:// and others."""

    def __init__(self, address: str) -> None:
        try:
            import fsspec
        except ImportError:
            raise ClusterError(
                f"shards at {address} need fsspec: pip install 'geoflow-explorer[cluster]', or"
                " name a folder that all workers can see"
            ) from None
        try:
            self.files, self.root = fsspec.core.url_to_fs(address)
        except (ImportError, ValueError) as error:
            raise ClusterError(f"shards cannot lie at {address}: {error}") from None

    def write(self, name: str, content: bytes) -> None:
        """Write a file."""
        path = f"{self.root}/{name}"
        self.files.makedirs(path.rpartition("/")[0], exist_ok=True)
        self.files.pipe_file(path, content)

    def read(self, name: str) -> bytes:
        """Return a file."""
        content: bytes = self.files.cat_file(f"{self.root}/{name}")
        return content

    def make(self) -> None:
        """Make the address, where there are such things as empty folders."""
        self.files.makedirs(self.root, exist_ok=True)

    def remove(self, name: str = "") -> None:
        """Remove a shard, or all."""
        with suppress(OSError):
            self.files.rm(f"{self.root}/{name}".rstrip("/"), recursive=True)


def post_at(address: str) -> Post:
    """Return what reads and writes at an address: fsspec where it says how, else a folder.

    >>> type(post_at("/scratch/shards")).__name__
    'FolderPost'
    """
    return BucketPost(address) if "://" in address else FolderPost(address)


def fault_of(error: Exception) -> str:
    """Return in a line what a file system says."""
    said: Any = getattr(error, "strerror", None) or error
    return " ".join(f"{said}".split()) or type(error).__name__
