"""Plain networks in compiled code: layers, gradient and step of one replica after another.

What is computed stands in `geoflow.training._backward` (gradient), `geoflow.training._rmsprop`
(RMSprop) and `geoflow.training._steps` (both). Kernels that call one another are in this one file:
numba's cache of a kernel sees changes in its own file only.
"""

from typing import NamedTuple

import numpy as np

from geoflow.geometry.compiled import kernel


class TrainBatch(NamedTuple):
    """Rows (R, B) of x (n, d) and their labels (R, B), and room for what one replica makes of them.

    fed (B d,): its input, the columns between two ``cuts`` one after another; active (B units,):
    its layers, one after another; errors and spare (B widest,): of its widest layer.
    """

    x: np.ndarray
    cuts: np.ndarray
    rows: np.ndarray
    labels: np.ndarray
    fed: np.ndarray
    active: np.ndarray
    errors: np.ndarray
    spare: np.ndarray


@kernel
def set_gradients(g: np.ndarray, p: np.ndarray, places: np.ndarray, batch: TrainBatch) -> None:
    """Set the flat gradient g (P,) at flat parameters p (P,) on the rows of every replica."""
    for replica in range(len(batch.rows)):
        set_errors(p, places, replica, batch)
        set_from_errors(g, places, replica, p, places, replica, batch)


@kernel
def set_errors(p: np.ndarray, places: np.ndarray, replica: int, batch: TrainBatch) -> None:
    """Set the input, the layers and the errors of the output of one replica."""
    take_rows(batch.fed, batch.x, batch.rows[replica], batch.cuts)
    set_activations(p, places, replica, batch)
    z = layer(batch.active, places[-1], batch.rows.shape[1])
    set_output_errors(batch.errors, z, batch.labels[replica])


@kernel
def layer(active: np.ndarray, place: np.ndarray, rows: int) -> np.ndarray:
    """Return the activations (B, units) of a layer."""
    return active[rows * place[4] : rows * (place[4] + place[3])].reshape(rows, place[3])


@kernel
def weights(flat: np.ndarray, place: np.ndarray, replica: int) -> np.ndarray:
    """Return the weights (fan_in, fan_out) of a layer of one replica."""
    start = place[0] + replica * place[2] * place[3]
    return flat[start : start + place[2] * place[3]].reshape(place[2], place[3])


@kernel
def biases(flat: np.ndarray, place: np.ndarray, replica: int) -> np.ndarray:
    """Return the biases (fan_out,) of a layer of one replica."""
    start = place[1] + replica * place[3]
    return flat[start : start + place[3]]


@kernel
def fed_part(fed: np.ndarray, start: int, stop: int, rows: int) -> np.ndarray:
    """Return the columns (B, stop - start) of the input between two cuts."""
    return fed[rows * start : rows * stop].reshape(rows, stop - start)


@kernel
def take_rows(fed: np.ndarray, x: np.ndarray, rows: np.ndarray, cuts: np.ndarray) -> None:
    """Copy rows (B,) of x (n, d): the columns between two cuts one after another."""
    for part in range(len(cuts) - 1):
        start, stop = cuts[part], cuts[part + 1]
        into = fed_part(fed, start, stop, rows.size)
        for b in range(rows.size):
            into[b] = x[rows[b], start:stop]


@kernel
def set_activations(p: np.ndarray, places: np.ndarray, replica: int, batch: TrainBatch) -> None:
    """Set the layers of one replica: relu(h W + b), the last without relu."""
    rows = batch.rows.shape[1]
    for at in range(len(places)):
        z = layer(batch.active, places[at], rows)
        weight, bias = weights(p, places[at], replica), biases(p, places[at], replica)
        if at > 0:
            np.dot(layer(batch.active, places[at - 1], rows), weight, z)
        else:
            z[:] = 0
            product = batch.spare[: z.size].reshape(z.shape)
            for part in range(len(batch.cuts) - 1):
                start, stop = batch.cuts[part], batch.cuts[part + 1]
                np.dot(fed_part(batch.fed, start, stop, rows), weight[start:stop], product)
                z += product
        least = np.float32(0) if at < len(places) - 1 else np.float32(-np.inf)
        for b in range(rows):
            for unit in range(bias.size):
                value = z[b, unit] + bias[unit]
                z[b, unit] = least if value <= least else value  # NaN stays NaN


@kernel
def set_output_errors(errors: np.ndarray, z: np.ndarray, y: np.ndarray) -> None:
    """Set predicted probabilities of logits z (B, 1 or classes) less the truth y (B,), over B."""
    batch, outputs = z.shape
    one, n = np.float32(1), np.float32(batch)
    into = errors[: z.size].reshape(z.shape)
    for b in range(batch):
        if outputs == 1:
            into[b, 0] = (one / (one + np.exp(-z[b, 0])) - np.float32(y[b])) / n
            continue
        into[b] = np.exp(z[b] - z[b].max())
        into[b] /= into[b].sum() * n
        into[b, y[b]] -= one / n


@kernel
def set_from_errors(
    g: np.ndarray,
    into: np.ndarray,
    row: int,
    p: np.ndarray,
    places: np.ndarray,
    replica: int,
    batch: TrainBatch,
) -> None:
    """Set the gradient of one replica from the errors of its output, which are changed.

    It goes to row ``row`` of the flat g, whose layers stand at ``into``; see `layer_places`.
    """
    rows = batch.rows.shape[1]
    for at in range(len(places) - 1, -1, -1):
        fan_in, width = places[at, 2], places[at, 3]
        delta = batch.errors[: rows * width].reshape(rows, width)
        summed, product = biases(g, into[at], row), weights(g, into[at], row)
        summed[:] = 0
        for b in range(rows):
            summed += delta[b]
        if at == 0:
            for part in range(len(batch.cuts) - 1):
                start, stop = batch.cuts[part], batch.cuts[part + 1]
                np.dot(fed_part(batch.fed, start, stop, rows).T, delta, product[start:stop])
            return
        h = layer(batch.active, places[at - 1], rows)
        np.dot(h.T, delta, product)
        back = batch.spare[: rows * fan_in].reshape(rows, fan_in)
        np.dot(delta, weights(p, places[at], replica).T, back)
        for b in range(rows):
            for unit in range(fan_in):
                error = np.float32(0) if h[b, unit] <= 0 else back[b, unit]
                batch.errors[b * fan_in + unit] = error


@kernel
def update(
    p: np.ndarray,
    g: np.ndarray,
    v: np.ndarray,
    rate: np.float32,
    alpha: np.float32,
    inside: np.float32,
    outside: np.float32,
    weight_decay: np.float32,
) -> None:
    """Change parameters p (P,) and their running mean of squares v (P,) by the gradient g (P,).

    inside, outside: what is added to v and to its root; epsilon is one of them, the other is 0.
    """
    rest = np.float32(1) - alpha
    for i in range(p.size):
        gradient = g[i] + weight_decay * p[i]
        square = alpha * v[i] + rest * gradient * gradient
        v[i] = square
        p[i] -= rate * gradient / (np.sqrt(square + inside) + outside)


@kernel
def take_steps(
    p: np.ndarray,
    v: np.ndarray,
    g: np.ndarray,
    places: np.ndarray,
    into: np.ndarray,
    settings: tuple[np.float32, ...],
    batch: TrainBatch,
) -> None:
    """Change the flat p (P,) and their squares v (P,) by a step of every replica.

    g: room for the gradient of one replica, its layers at ``into``; settings: see `update`.
    """
    rate, alpha, inside, outside, weight_decay = settings
    for replica in range(len(batch.rows)):
        set_errors(p, places, replica, batch)
        set_from_errors(g, into, 0, p, places, replica, batch)
        for at in range(len(places)):
            for start, size in ((0, places[at, 2] * places[at, 3]), (1, places[at, 3])):
                one = into[at, start]
                here = places[at, start] + replica * size
                update(
                    p[here : here + size], g[one : one + size], v[here : here + size],
                    rate, alpha, inside, outside, weight_decay,
                )  # fmt: skip
