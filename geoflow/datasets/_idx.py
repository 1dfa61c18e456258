"""IDX, the format of MNIST and Fashion-MNIST: a header of big-endian sizes, then the bytes."""

from math import prod

import numpy as np
from numpy.typing import NDArray

from geoflow.datasets._files import Found

UBYTE = 8
"""The code of unsigned bytes, the only type these data sets use."""


def idx_array(file: Found, n_dims: int) -> NDArray[np.uint8]:
    """Return the array of an IDX file of unsigned bytes, refusing anything that is not one.

    Layout: 0, 0, type code (8 = unsigned byte), number of dimensions; one big-endian 32-bit size
    per dimension; the values, last dimension fastest. Source: LeCun, Cortes, Burges, the MNIST
    page. The result is read-only, as the bytes are.
    """
    content = file.content()
    if content[:2] != b"\0\0" or len(content) < 4:
        raise file.damaged("not an IDX file (the first two bytes are not zero)")
    if content[2] != UBYTE:
        raise file.damaged(f"IDX type code is {content[2]}, expected {UBYTE} (unsigned byte)")
    if content[3] != n_dims:
        raise file.damaged(f"IDX array has {content[3]} dimensions, expected {n_dims}")
    start = 4 + 4 * n_dims
    if len(content) < start:
        raise file.damaged("the IDX header is truncated")
    shape = tuple(np.frombuffer(content, ">u4", n_dims, 4).tolist())
    if len(content) - start != prod(shape):
        told = " x ".join(map(str, shape))
        raise file.damaged(f"holds {len(content) - start} values, but its header says {told}")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)
