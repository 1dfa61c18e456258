"""The input layer belongs to the data set: a process measures it once for the cells that follow.

Cells come data set by data set, so one layer is held at a time; a study that has ended holds none.
"""

from geoflow.datasets import Dataset
from geoflow.measure import MeasuredLayer, measured_layer
from geoflow.specs import GeometrySpec

Key = tuple[str, GeometrySpec]

_held: dict[Key, MeasuredLayer] = {}


def measured_origin(data: Dataset, spec: GeometrySpec, threads: int) -> MeasuredLayer | None:
    """Return the input layer of a data set measured to a spec, None if nothing starts from it."""
    if not spec.curvatures:
        return None
    found = held_origin(data, spec)
    if found is None:
        forget_origin()
        found = measured_layer(data.x_test, 0, spec, data.y_test, threads)
        _held[data.fingerprint, spec] = found
    return found


def held_origin(data: Dataset, spec: GeometrySpec) -> MeasuredLayer | None:
    """Return the input layer if this process has measured it just before, None if not."""
    return _held.get((data.fingerprint, spec))


def forget_origin() -> None:
    """Hold nothing any more."""
    _held.clear()
