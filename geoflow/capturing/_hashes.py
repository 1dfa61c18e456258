"""What tells weights and data apart: SHA-256 for the store, a checksum between two passes."""

import hashlib
import json
import zlib
from collections.abc import Iterable

import numpy as np
import torch
from torch import nn

from geoflow.capturing._batches import ModelBatch
from geoflow.capturing._tensors import tensors_in


def weights_hash(model: nn.Module) -> str:
    """Return the SHA-256 of all parameters and buffers: their names, types, shapes and bits."""
    digest = hashlib.sha256()
    named = [*model.named_parameters(), *model.named_buffers()]
    for name, tensor in sorted(named, key=lambda one: one[0]):
        head = [name, str(tensor.dtype), list(tensor.shape)]
        digest.update(json.dumps(head).encode())
        digest.update(bits(tensor))
    return digest.hexdigest()


def data_hash(batches: Iterable[ModelBatch]) -> str:
    """Return the SHA-256 of all that a model is called with, however it is cut into batches."""
    digest = hashlib.sha256()
    for batch in batches:
        for row in range(batch.n):
            for tensor in tensors_in((batch.args, batch.kwargs)):
                digest.update(bits(tensor[row : row + 1] if tensor.ndim else tensor))
    return digest.hexdigest()


def batch_hash(batch: ModelBatch) -> int:
    """Return a checksum of the tensors of a batch, in their order."""
    found = 0
    for tensor in tensors_in((batch.args, batch.kwargs)):
        found = zlib.crc32(bits(tensor), found)
    return found


def bits(tensor: torch.Tensor) -> memoryview:
    """Return the bytes of a tensor."""
    whole = tensor.detach().to("cpu").contiguous().reshape(-1)
    array: np.ndarray = whole.view(torch.uint8).numpy() if whole.numel() else np.empty(0, np.uint8)
    return array.data
