"""The module inside what wraps it, or in words why its layers cannot be taken.

Compiled modules run as what they were compiled from: a compiled function calls no hooks inside.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

import torch
from torch import nn

from geoflow.errors import CaptureError

SHARDED = ("FullyShardedDataParallel", "FSDPModule", "DeepSpeedEngine", "PipelineStage")
"""Classes whose parameters, or layers, lie in several processes."""

WRAPPERS = ("DataParallel", "DistributedDataParallel")


def unwrapped(model: Any) -> nn.Module:
    """Return the module itself of one that is compiled or copied to several devices."""
    if not isinstance(model, nn.Module):
        what = "a function" if callable(model) else f"of type {type(model).__name__}"
        raise CaptureError(f"the model is {what}: give a torch.nn.Module")
    refuse_sharded(model)
    whole: nn.Module = model
    while (inner := wrapped(whole)) is not None:
        whole = inner
    refuse_unfit(whole)
    return whole


def wrapped(model: nn.Module) -> nn.Module | None:
    """Return what a module wraps, None if it is no wrapper."""
    if isinstance(inner := getattr(model, "_orig_mod", None), nn.Module):
        return inner
    names = {one.__name__ for one in type(model).__mro__}
    if names & set(WRAPPERS) and isinstance(inner := getattr(model, "module", None), nn.Module):
        return inner
    return None


def refuse_sharded(model: nn.Module) -> None:
    """Refuse a model that does not lie whole in this process."""
    kinds = {one.__name__ for module in model.modules() for one in type(module).__mro__}
    tensors = {type(one).__name__ for one in model.parameters()}
    is_split = any(hasattr(one, "ds_id") for one in model.parameters())  # ZeRO of DeepSpeed
    if kinds & set(SHARDED) or "DTensor" in tensors or is_split:
        raise CaptureError(
            "the model is sharded over several processes: gather its weights into one module that"
            " lies whole in this process, and capture that"
        )


def refuse_unfit(model: nn.Module) -> None:
    """Refuse a model that is a script, has weights on no device, or has not made them yet."""
    if any(isinstance(one, torch.jit.ScriptModule) for one in model.modules()):
        raise CaptureError("the model is a TorchScript: capture the module it was made from")
    parameters = (("parameter", *one) for one in model.named_parameters())
    buffers = (("buffer", *one) for one in model.named_buffers())
    for what, name, tensor in chain(parameters, buffers):
        if nn.parameter.is_lazy(tensor):
            raise CaptureError(
                f"{what} '{name}' has no shape yet: run the model once before it is captured"
            )
        if tensor.is_meta:
            raise CaptureError(f"{what} '{name}' is on the meta device: load the weights first")


@contextmanager
def uncompiled(model: nn.Module) -> Iterator[None]:
    """Run compiled modules inside a model as what they were compiled from; put them back after."""
    swapped = [
        (parent, name, child, inner)
        for parent in model.modules()
        for name, child in parent._modules.items()
        if isinstance(inner := getattr(child, "_orig_mod", None), nn.Module)
    ]
    calls = [
        (module, module._compiled_call_impl)
        for module in model.modules()
        if getattr(module, "_compiled_call_impl", None) is not None
    ]
    try:
        for parent, name, _, inner in swapped:
            parent._modules[name] = inner
        for module, _ in calls:
            module._compiled_call_impl = None
        yield
    finally:
        for parent, name, child, _ in swapped:
            parent._modules[name] = child
        for module, call in calls:
            module._compiled_call_impl = call


def place_of(model: nn.Module) -> tuple[torch.device, torch.dtype]:
    """Return the device and the floating type of the first parameter or buffer."""
    device, dtype = None, None
    for one in (*model.parameters(), *model.buffers()):
        device = device or one.device
        if one.is_floating_point():
            return one.device, one.dtype
        dtype = dtype or torch.get_default_dtype()
    return device or torch.device("cpu"), dtype or torch.get_default_dtype()
