"""Which cells of a study are chosen: ``--only dataset=mnist_1v7,depth=11``."""

from collections.abc import Sequence

from geoflow.errors import SpecError, unknown
from geoflow.specs import StudySpec
from geoflow.study._cells import Cell, cells

AXES = ("dataset", "width", "depth")
"""What tells the cells of a study apart."""


def chosen_cells(study: StudySpec, only: Sequence[str] = ()) -> list[Cell]:
    """Return the cells of a study that one of the selections names, all if there is none.

    A selection is a text such as ``dataset=mnist_1v7,depth=11``: all its parts must hold.

    >>> from geoflow.specs.studyfile import study_spec
    >>> quickstart = study_spec("quickstart")
    >>> [cell.label for cell in chosen_cells(quickstart, ["dataset=digits_3v8,depth=5"])]
    ['digits_3v8 narrow 5', 'digits_3v8 wide 5']
    """
    grid = list(cells(study))
    wanted = [parsed_selection(text, grid) for text in only]
    for text, one in zip(only, wanted, strict=True):
        if not any(one.items() <= cell.place.items() for cell in grid):
            raise SpecError(f"--only {text}: study '{study.name}' has no such cell; see its status")
    return [
        cell
        for cell in grid
        if not wanted or any(one.items() <= cell.place.items() for one in wanted)
    ]


def parsed_selection(text: str, grid: Sequence[Cell]) -> dict[str, str]:
    """Return the parts of a selection, refusing what no cell of the grid has."""
    found = {}
    for part in text.split(","):
        axis, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals:
            raise SpecError(f"--only {text}: write for instance dataset=mnist_1v7,depth=11")
        if axis not in AXES:
            raise unknown("part of --only", axis, AXES, "choose one of these")
        known = {cell.place[axis] for cell in grid}
        if value not in known:
            raise unknown(axis, value, known, f"these are in study '{grid[0].study.name}'")
        if axis in found:
            raise SpecError(f"--only {text} names {axis} twice: repeat --only to choose both")
        found[axis] = value
    return found
