"""Reads arrays of an ``.npz`` file one at a time, on no word of the file that was not checked.

An ``.npz`` is a zip of ``.npy`` files, each a header and its numbers. What a header declares is
compared with the length of its member before anything is allocated, the checksum of each member
with what was read, and nothing is ever unpickled. Read are the members that are asked for alone.
"""

import io
import math
import os
import struct
import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.lib import format as npy

from geoflow.errors import DatasetError, GeoflowError
from geoflow.machine.memory import size_text
from geoflow.machine.userfiles import open_regular
from geoflow.text.shown import short

UNPACKED = {zipfile.ZIP_STORED: 1, zipfile.ZIP_DEFLATED: 1032}
"""How numpy writes members: to how many bytes one can unpack. Other methods have no such bound."""

LONGEST_HEADER = 10_000
"""Bytes of a header; that of an array of numbers has 128."""

CHUNK = 2**20
"""Bytes that are unpacked at a time."""


@dataclass(frozen=True)
class Member:
    """An array in the file: what its checked header says, and where its numbers start."""

    info: zipfile.ZipInfo
    shape: tuple[int, ...]
    dtype: np.dtype
    is_fortran: bool
    start: int

    @property
    def size(self) -> int:
        """How many numbers it has."""
        return math.prod(self.shape)


class NpzArrays(Mapping[str, np.ndarray]):
    """The arrays of an open file by name; those with a checked header can be read.

    ``members``: those. ``others``: the names of what else is in the file.
    """

    def __init__(
        self, archive: zipfile.ZipFile, where: str, members: dict[str, Member], others: set[str]
    ) -> None:
        self.archive = archive
        self.where = where
        self.members = members
        self.others = others

    def __getitem__(self, name: str) -> np.ndarray:
        member = self.members[name]
        with damaged_otherwise(f"array '{short(name)}' in {self.where}"):
            return numbers(self.archive, member)

    def __contains__(self, name: object) -> bool:
        return name in self.members or name in self.others

    def __iter__(self) -> Iterator[str]:
        return iter((*self.members, *self.others))

    def __len__(self) -> int:
        return len(self.members) + len(self.others)


@contextmanager
def opened_npz(path: Path, is_wanted: Callable[[str], bool]) -> Iterator[NpzArrays]:
    """Yield the arrays of a file; of those that are wanted every header has been checked."""
    where = short(path, 300)
    try:
        stream = open_regular(path)
    except FileNotFoundError:
        raise DatasetError(
            f"no file {where}: give an .npz file with layer_00, layer_01, ..."
        ) from None
    except OSError as error:
        raise DatasetError(
            f"{where} cannot be read ({error.strerror}): give an .npz file with layer_00,"
            " layer_01, ..."
        ) from None
    with stream, whole_zip(stream, where) as archive:
        length = os.fstat(stream.fileno()).st_size
        members: dict[str, Member] = {}
        others: set[str] = set()
        for info in archive.infolist():
            name = info.filename.removesuffix(".npy")
            if not is_wanted(name):
                others.add(name)
            elif name in members:
                raise DatasetError(f"{where} holds '{short(name)}' twice: save it anew")
            else:
                members[name] = checked_member(archive, info, name, where, length)
        yield NpzArrays(archive, where, members, others)


@contextmanager
def whole_zip(stream: IO[bytes], where: str) -> Iterator[zipfile.ZipFile]:
    """Yield an open file as a zip, or say why it is none."""
    try:
        if stream.read(len(npy.MAGIC_PREFIX)) == npy.MAGIC_PREFIX:
            raise DatasetError(f"{where} holds a single array: save layers with numpy.savez")
        stream.seek(0)
        archive = zipfile.ZipFile(stream)
    except GeoflowError:
        raise
    except Exception as error:
        raise DatasetError(
            f"{where} is not a readable .npz file ({reason(error)}): save it anew"
        ) from None
    with archive:
        yield archive


@contextmanager
def damaged_otherwise(what: str) -> Iterator[None]:
    """Turn whatever reading raises into the error that names the array.

    zipfile, zlib and the parser of headers raise a dozen kinds of errors on bytes somebody chose:
    recursion, memory, syntax, structure, checksum, encoding.
    """
    try:
        yield
    except GeoflowError:
        raise
    except Exception as error:
        raise DatasetError(f"{what} is damaged ({reason(error)}): save it anew") from None


def reason(error: Exception) -> str:
    """Return what an error says, in one short line."""
    return short(" ".join(str(error).split()) or type(error).__name__, 120)


def checked_member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, where: str, length: int
) -> Member:
    """Return an array as its header declares it, where that is numbers and as long as the member.

    length: bytes of the whole file. No more than the header is unpacked.
    """
    what = f"array '{short(name)}' in {where}"
    if info.flag_bits & 1:
        raise DatasetError(f"{what} is encrypted: save it without a password")
    if info.compress_type not in UNPACKED:
        raise DatasetError(
            f"{what} is compressed in a way that numpy does not write (zip method"
            f" {info.compress_type}): save it with numpy.savez or savez_compressed"
        )
    with damaged_otherwise(what), archive.open(info) as stream:
        shape, is_fortran, dtype = header(stream)
        start = stream.tell()
    if dtype.hasobject:
        raise DatasetError(
            f"{what} holds Python objects, which are never unpickled: save it as an array of"
            " numbers"
        )
    if dtype.kind not in "fiub":
        raise DatasetError(f"{what} is of type {short(dtype)}: save it as an array of real numbers")
    member = Member(info, shape, dtype, is_fortran, start)
    declared, held = member.size * dtype.itemsize, info.file_size - start
    most = min(info.compress_size, length) * UNPACKED[info.compress_type] - start
    if declared != held or declared > most:
        room = held if declared != held else most
        raise DatasetError(
            f"{what} is damaged (its header declares {size_text(declared)}, it holds"
            f" {size_text(max(0, room))}): save it anew"
        )
    return member


def header(stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Return shape, order and type of the array that starts here; ValueError for anything else."""
    if exactly(stream, len(npy.MAGIC_PREFIX)) != npy.MAGIC_PREFIX:
        raise ValueError("it is not an array")
    version = tuple(exactly(stream, 2))
    if version not in ((1, 0), (2, 0), (3, 0)):
        raise ValueError(f"its version is {version[0]}.{version[1]}")
    width = "<H" if version == (1, 0) else "<I"
    (length,) = struct.unpack(width, exactly(stream, struct.calcsize(width)))
    if length > LONGEST_HEADER:
        raise ValueError(f"its header has {length} bytes")
    # In the form of version 2 every header reads: 1 has a shorter length, 3 allows other names.
    text = struct.pack("<I", length) + exactly(stream, length)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of old or odd spellings: the array reads, or it does not
        shape, is_fortran, dtype = npy.read_array_header_2_0(
            io.BytesIO(text), max_header_size=LONGEST_HEADER
        )
    if any(one < 0 for one in shape):
        raise ValueError("its shape has a negative length")
    return tuple(map(int, shape)), is_fortran, dtype


def exactly(stream: IO[bytes], n_bytes: int) -> bytes:
    """Return so many bytes, not fewer."""
    content = stream.read(n_bytes)
    if len(content) != n_bytes:
        raise EOFError("it ends early")
    return content


def numbers(archive: zipfile.ZipFile, member: Member) -> np.ndarray:
    """Return the numbers of an array; zipfile compares their checksum as it reads the last."""
    content = np.empty(member.info.file_size - member.start, np.uint8)
    whole = content.data
    with archive.open(member.info) as stream:
        exactly(stream, member.start)
        at = 0
        while at < len(whole):
            part = stream.read(min(CHUNK, len(whole) - at))
            if not part:
                raise EOFError("it ends early")
            whole[at : at + len(part)] = part
            at += len(part)
    array = content.view(member.dtype)
    if member.is_fortran:
        return array.reshape(member.shape[::-1]).T
    return array.reshape(member.shape)
