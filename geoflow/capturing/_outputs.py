"""What a model says of its points in the end: classes and probabilities, if it is a classifier.

It is one if there are labels, and its output has a column for each class, or one for two classes.
Columns that are nowhere negative and add up to 1 are probabilities, as is one between 0 and 1; all
others are logits.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geoflow.archive.layers import LARGEST_LOGIT, predictions_of
from geoflow.measure.output import probabilities


@dataclass(frozen=True)
class Said:
    """Classes (n,), margins (n,) and probabilities (n, 1 or classes); ``form`` of the output."""

    form: str
    predicted: np.ndarray
    margin: np.ndarray | None
    output: np.ndarray


def said_of(outputs: Sequence[np.ndarray | None], labels: np.ndarray | None) -> Said | None:
    """Return what the outputs of all batches say of points with labels, None if nothing.

    >>> found = said_of([np.array([[0.0, 2.0], [1.0, 0.5]], np.float32)], np.array([0, 1]))
    >>> found.form, found.predicted.tolist(), found.margin.tolist()
    ('logits', [1, 0], [-2.0, -0.5])
    """
    if labels is None or not outputs or any(one is None for one in outputs):
        return None
    parts = [one for one in outputs if one is not None]
    if len({one.shape[1] for one in parts}) > 1:
        return None
    found = np.concatenate(parts)
    if len(found) != len(labels) or not np.isfinite(found).all():
        return None
    if np.abs(found).max(initial=0) > LARGEST_LOGIT:
        return None
    n_columns, classes = found.shape[1], np.unique(labels)
    if n_columns == 1 and len(classes) == 2:
        numbered, names = np.searchsorted(classes, labels), classes
    elif n_columns > 1 and labels.min() >= 0 and labels.max() < n_columns:
        numbered, names = labels, np.arange(n_columns)
    elif n_columns > 1 and len(classes) == n_columns:
        numbered, names = np.searchsorted(classes, labels), classes
    else:
        return None
    if are_probabilities(found):
        place = (found[:, 0] > 0.5).astype(int) if n_columns == 1 else found.argmax(axis=1)
        return Said("probabilities", names[place], None, found)
    logits = found.astype(np.float64)
    if n_columns == 1:
        logits = np.hstack([np.zeros_like(logits), logits])
    place, margin = predictions_of_columns(logits, numbered)
    return Said("logits", names[place], margin, probabilities(found))


def predictions_of_columns(
    logits: np.ndarray, numbered: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the column of the largest logit and the margin; labels are numbers of columns."""
    if len(np.unique(numbered)) == logits.shape[1]:
        return predictions_of(logits, numbered)
    rows = np.arange(len(numbered))
    others = logits.copy()
    others[rows, numbered] = -np.inf
    return logits.argmax(axis=1), logits[rows, numbered] - others.max(axis=1)


def are_probabilities(found: np.ndarray) -> bool:
    """Return whether rows (n, 1 or classes) are probabilities.

    >>> are_probabilities(np.array([[0.2, 0.8]])), are_probabilities(np.array([[-1.0], [2.0]]))
    (True, False)
    """
    if (found < 0).any() or (found > 1).any():
        return False
    return found.shape[1] == 1 or bool(np.allclose(found.sum(axis=1), 1, atol=1e-3))
