"""torchvision, also where its compiled operators do not load beside torch: models need none."""

import importlib.util
import sys
from functools import cache
from typing import Any

import torch


@cache
def usable_torchvision() -> Any:
    """Return torchvision, or None if it is not installed."""
    if importlib.util.find_spec("torchvision") is None:
        return None
    try:
        import torchvision
    except RuntimeError:
        for name in [one for one in sys.modules if one.split(".")[0] == "torchvision"]:
            del sys.modules[name]
        usable_torchvision.library = torch.library.Library("torchvision", "DEF")
        for name in ("nms", "qnms"):
            usable_torchvision.library.define(
                f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
            )
        import torchvision
    return torchvision
