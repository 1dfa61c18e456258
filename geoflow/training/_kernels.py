"""Plain networks in compiled code: layers, gradient and step of one replica after another.

What is computed stands in `geoflow.training._backward` (gradient), `geoflow.training._rmsprop`
(RMSprop) and `geoflow.training._steps` (both). Kernels that call one another are in this one file:
numba's cache of a kernel sees changes in its own file only.
"""

import numpy as np

from geoflow.geometry.compiled import kernel

Arrays = tuple[np.ndarray, ...]
"""Two are given: ``batch``, x (n, d), where its columns are cut, and rows (R, B) with their labels
(R, B); and ``room`` for what one replica makes of them, fed (B d,), its input, the columns between
two cuts one after another, active (B units,), its layers one after another, and errors and spare
(B widest,). A class of their own would be in numba's cache by its name, and fail when renamed."""


@kernel
def set_gradients(
    g: np.ndarray, p: np.ndarray, places: np.ndarray, batch: Arrays, room: Arrays
) -> None:
    """Set the flat gradient g (P,) at flat parameters p (P,) on the rows of every replica."""
    cuts, rows = batch[1:3]
    for replica in range(len(rows)):
        set_errors(p, places, replica, batch, room)
        set_from_errors(g, places, replica, p, places, replica, cuts, room)


@kernel
def set_errors(
    p: np.ndarray, places: np.ndarray, replica: int, batch: Arrays, room: Arrays
) -> None:
    """Set the input, the layers and the errors of the output of one replica."""
    x, cuts, rows, labels = batch
    fed, active, errors, spare = room
    take_rows(fed, x, rows[replica], cuts)
    set_activations(active, spare, p, places, replica, fed, cuts)
    set_output_errors(errors, layer(active, places[-1], rows.shape[1]), labels[replica])


@kernel
def layer(active: np.ndarray, place: np.ndarray, n: int) -> np.ndarray:
    """Return the activations (B, units) of a layer."""
    return active[n * place[4] : n * (place[4] + place[3])].reshape(n, place[3])


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
def fed_part(fed: np.ndarray, start: int, stop: int, n: int) -> np.ndarray:
    """Return the columns (B, stop - start) of the input between two cuts."""
    return fed[n * start : n * stop].reshape(n, stop - start)


@kernel
def take_rows(fed: np.ndarray, x: np.ndarray, rows: np.ndarray, cuts: np.ndarray) -> None:
    """Copy rows (B,) of x (n, d): the columns between two cuts one after another."""
    for part in range(len(cuts) - 1):
        start, stop = cuts[part], cuts[part + 1]
        into = fed_part(fed, start, stop, rows.size)
        for b in range(rows.size):
            into[b] = x[rows[b], start:stop]


@kernel
def set_activations(
    active: np.ndarray,
    spare: np.ndarray,
    p: np.ndarray,
    places: np.ndarray,
    replica: int,
    fed: np.ndarray,
    cuts: np.ndarray,
) -> None:
    """Set the layers of one replica: relu(h W + b), the last without relu."""
    n = active.size // places[:, 3].sum()
    for at in range(len(places)):
        z = layer(active, places[at], n)
        weight, bias = weights(p, places[at], replica), biases(p, places[at], replica)
        if at > 0:
            np.dot(layer(active, places[at - 1], n), weight, z)
        else:
            z[:] = 0
            product = spare[: z.size].reshape(z.shape)
            for part in range(len(cuts) - 1):
                start, stop = cuts[part], cuts[part + 1]
                np.dot(fed_part(fed, start, stop, n), weight[start:stop], product)
                z += product
        least = np.float32(0) if at < len(places) - 1 else np.float32(-np.inf)
        for b in range(n):
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
    cuts: np.ndarray,
    room: Arrays,
) -> None:
    """Set the gradient of one replica from the errors of its output, which are changed.

    It goes to row ``row`` of the flat g, whose layers stand at ``into``; see `layer_places`.
    """
    fed, active, errors, spare = room
    n = active.size // places[:, 3].sum()
    for at in range(len(places) - 1, -1, -1):
        fan_in, width = places[at, 2], places[at, 3]
        delta = errors[: n * width].reshape(n, width)
        summed, product = biases(g, into[at], row), weights(g, into[at], row)
        summed[:] = 0
        for b in range(n):
            summed += delta[b]
        if at == 0:
            for part in range(len(cuts) - 1):
                start, stop = cuts[part], cuts[part + 1]
                np.dot(fed_part(fed, start, stop, n).T, delta, product[start:stop])
            return
        h = layer(active, places[at - 1], n)
        np.dot(h.T, delta, product)
        back = spare[: n * fan_in].reshape(n, fan_in)
        np.dot(delta, weights(p, places[at], replica).T, back)
        for b in range(n):
            for unit in range(fan_in):
                errors[b * fan_in + unit] = np.float32(0) if h[b, unit] <= 0 else back[b, unit]


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
    batch: Arrays,
    room: Arrays,
) -> None:
    """Change the flat p (P,) and their squares v (P,) by a step of every replica.

    g: room for the gradient of one replica, its layers at ``into``; settings: see `update`.
    """
    rate, alpha, inside, outside, weight_decay = settings
    cuts, rows = batch[1:3]
    for replica in range(len(rows)):
        set_errors(p, places, replica, batch, room)
        set_from_errors(g, into, 0, p, places, replica, cuts, room)
        for at in range(len(places)):
            for start, size in ((0, places[at, 2] * places[at, 3]), (1, places[at, 3])):
                one = into[at, start]
                here = places[at, start] + replica * size
                update(
                    p[here : here + size], g[one : one + size], v[here : here + size],
                    rate, alpha, inside, outside, weight_decay,
                )  # fmt: skip
