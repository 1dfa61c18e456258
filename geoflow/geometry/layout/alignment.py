"""One layout turned to lie on another, and several set side by side.

Alignment is orthogonal: R = argmin_{R^T R = I} |(X - mean X) R - (Y - mean Y)|, R = U V^T with
U S V^T = (X - mean X)^T (Y - mean Y). Turned and mirrored, never scaled: a unit stays a hop.
Source: Schoenemann 1966.
"""

import numpy as np

from geoflow.geometry.compiled import kernel

DIRECTIONS = 64
"""Directions in which a place for a disk is looked for."""


def alignment(
    positions: np.ndarray, onto: np.ndarray, weights: np.ndarray | None = None
) -> np.ndarray:
    """Return the orthogonal R (d, d) that turns positions (n, d) nearest to ``onto`` (n, d).

    weights (n,): of the points, by default equal.

    >>> square = np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 1.0]])
    >>> turned = square @ np.array([[0.0, 1.0], [-1.0, 0.0]])
    >>> (np.abs(turned @ alignment(turned, square) - square) < 1e-9).all()
    np.True_
    """
    weights = np.ones(len(positions)) if weights is None else weights
    one, other = (a - np.average(a, axis=0, weights=weights) for a in (positions, onto))
    left, _, right = np.linalg.svd((one * weights[:, None]).T @ other)
    turn: np.ndarray = left @ right
    return turn


def disk_centres(radii: np.ndarray, gap: float, dimensions: int) -> np.ndarray:
    """Return centres (c, dimensions) of disks or balls of radii (c,), ``gap`` apart at least.

    The first lies at the origin; each further one where it is free, nearest to the origin of a few
    directions. Give them in the order of their size.

    >>> disk_centres(np.array([2.0, 1.0]), 1.0, 2).round(9).tolist()
    [[0.0, 0.0], [4.0, 0.0]]
    """
    centres = np.zeros((len(radii), dimensions))
    fill_centres(np.ascontiguousarray(radii + gap / 2), directions(dimensions), centres)
    return centres


def directions(dimensions: int) -> np.ndarray:
    """Return unit vectors (DIRECTIONS, dimensions), evenly spread; the first is the first axis."""
    steps = np.arange(DIRECTIONS)
    if dimensions == 2:
        angles = 2 * np.pi * steps / DIRECTIONS
        return np.stack([np.cos(angles), np.sin(angles)], axis=1)
    heights = np.append(0.0, 1 - (2 * steps[1:] - 1) / (DIRECTIONS - 1))
    around = np.pi * (3 - np.sqrt(5)) * steps
    widths = np.sqrt(1 - heights**2)
    return np.stack([widths * np.cos(around), widths * np.sin(around), heights], axis=1)


@kernel
def fill_centres(radii: np.ndarray, ways: np.ndarray, centres: np.ndarray) -> None:
    """Fill centres (c, d): each disk in the first free place of growing rings around the origin.

    The search starts on the ring where the last one found its place: linear in what there is.
    """
    c, d = centres.shape
    ring = 0.0
    for at in range(1, c):
        ring = max(radii[0] + radii[at], ring - radii[at])
        placed = False
        while not placed:
            for way in range(len(ways)):
                is_free = True
                for other in range(at):
                    square = 0.0
                    for a in range(d):
                        square += (ring * ways[way, a] - centres[other, a]) ** 2
                    if square < (radii[at] + radii[other]) ** 2 - 1e-9:
                        is_free = False
                        break
                if is_free:
                    for a in range(d):
                        centres[at, a] = ring * ways[way, a]
                    placed = True
                    break
            if not placed:
                ring += radii[at] / 2
