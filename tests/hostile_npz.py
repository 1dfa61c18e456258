"""Builds .npz files by hand: members with any header, zip fields with any value."""

import struct
import zipfile
from collections.abc import Collection
from pathlib import Path

import numpy as np

GOOD = {
    "layer_00": np.arange(60.0).reshape(30, 2),
    "layer_01": np.arange(30.0)[:, None],
    "labels": np.arange(30) % 2,
}
LOCAL, CENTRAL = b"PK\x03\x04", b"PK\x01\x02"
FIELDS = {"flags": (6, 8), "method": (8, 10), "packed": (18, 20), "unpacked": (22, 24)}
"""Where a field is in the local and in the central header of a member."""


def npy(text: str, content: bytes = b"", version: tuple[int, int] = (1, 0)) -> bytes:
    """A .npy file with this text as its header."""
    header = text.encode("latin1")
    length = struct.pack("<H" if version == (1, 0) else "<I", len(header))
    return b"\x93NUMPY" + bytes(version) + length + header + content


def described(shape: object, descr: object = "<f8", is_fortran: object = False) -> str:
    """The text of a header."""
    return f"{{'descr': {descr!r}, 'fortran_order': {is_fortran}, 'shape': {shape}, }}\n"


def saved(array: np.ndarray) -> bytes:
    """An array as numpy writes it."""
    return npy(described(array.shape, array.dtype.str), array.tobytes())


def written(path: Path, method: int = zipfile.ZIP_STORED, **changes: bytes | None) -> Path:
    """Write the good arrays, some of them with other bytes or left out."""
    members = {name: saved(array) for name, array in GOOD.items()} | changes
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            if content is not None:
                archive.writestr(f"{name}.npy", content)
    return path


def declared_length(path: Path, name: str, n_bytes: int, content: bytes) -> Path:
    """Write a member whose zip entry says that it is so long; the other arrays are good."""
    written(path, **{name: None})
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{name}.npy", content)
        archive.getinfo(f"{name}.npy").file_size = n_bytes
    return path


def with_field(path: Path, field: str, value: int, places: Collection[int] = (0, 1)) -> Path:
    """Change a field of every member: where it starts (0), in the list at the end (1), in both."""
    content = bytearray(path.read_bytes())
    form = "<H" if field in ("flags", "method") else "<I"
    for place in places:
        mark, offset = (LOCAL, CENTRAL)[place], FIELDS[field][place]
        at = content.find(mark)
        while at >= 0:
            struct.pack_into(form, content, at + offset, value)
            at = content.find(mark, at + 4)
    path.write_bytes(content)
    return path
