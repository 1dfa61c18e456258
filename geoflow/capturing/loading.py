"""A model from a user's own code: MODULE:FUNCTION is imported and called; weights from a file."""

import sys
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import nn

from geoflow.capturing._raised import in_short
from geoflow.errors import CaptureError
from geoflow.text.shown import short


def loaded_model(place: str, weights: Path | None = None) -> nn.Module:
    """Return the model that a function of a user returns; this runs the user's code.

    place: ``MODULE:FUNCTION``, a module that can be imported from here, or a file ending in .py.
    weights: a file of torch with the model's state, of which nothing is unpickled but tensors.
    """
    module, _, name = place.rpartition(":")
    if not module or not name.isidentifier():
        raise CaptureError(f"'{short(place)}' is no MODULE:FUNCTION: give, say, mymodels:resnet")
    function = getattr(imported(module), name, None)
    if not callable(function):
        raise CaptureError(
            f"there is no function '{short(name)}' in {short(module)}: name one that returns the"
            " model, or the model itself"
        )
    try:
        model = function if isinstance(function, nn.Module) else function()
    except (Exception, SystemExit) as error:  # whatever a user's function does
        raise CaptureError(f"{short(place)} raised {in_short(error)}: mend it") from error
    if not isinstance(model, nn.Module):
        raise CaptureError(
            f"{short(place)} returned {type(model).__name__}: let it return a torch.nn.Module"
        )
    if weights is not None:
        load_weights(model, weights)
    return model


def imported(module: str) -> ModuleType:
    """Return a module by name, as if Python ran here, or by the path of its file."""
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        if not module.endswith(".py"):
            return import_module(module)
        spec = spec_from_file_location(Path(module).stem, module)
        if spec is None or spec.loader is None:
            raise CaptureError(f"{short(module)} is no file of Python")
        made = module_from_spec(spec)
        spec.loader.exec_module(made)
    except CaptureError:
        raise
    except (Exception, SystemExit) as error:  # whatever a user's module does
        raise CaptureError(
            f"{short(module)} cannot be imported ({in_short(error)}): run the command where Python"
            " finds it, or give the path of its file"
        ) from error
    return made


def load_weights(model: nn.Module, path: Path) -> None:
    """Give a model the weights of a file."""
    if not path.is_file():
        raise CaptureError(f"no file {short(path, 300)}: give --weights the file of a state_dict")
    try:
        state: Any = torch.load(path, map_location="cpu", weights_only=True)
        if isinstance(state, dict) and isinstance(state.get("state_dict"), dict):
            state = state["state_dict"]  # a checkpoint of Lightning and of others
        model.load_state_dict(state)
    except Exception as error:  # of torch, pickle, zipfile or the system
        raise CaptureError(
            f"the weights of {short(path, 300)} do not load ({in_short(error)}): save the model's"
            " state_dict with torch.save"
        ) from error
