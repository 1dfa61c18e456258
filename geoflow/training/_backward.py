"""The gradient of the loss of plain networks, written out, one replica after another.

For one batch of B rows, with h_l = relu(h_{l-1} W_l + b_l), h_0 = x, z the logits and delta_{L+1}
= dLoss/dz:

    delta_{L+1} = (sigmoid(z) - y) / B   or   (softmax(z) - onehot(y)) / B
    dLoss/dW_l  = h_{l-1}^T delta_l,     dLoss/db_l = sum over rows of delta_l
    delta_{l-1} = (delta_l W_l^T) * [h_{l-1} > 0]

torch's autograd gives the same numbers (a test holds it). Batched over replicas, each of some forty
operations goes through the memory of all of them; here one replica stays in the processor's cache
from its rows to its gradient. Against torch's batched products, by hand, 36 networks take 0.6 to
0.75 of the seconds on images (784 numbers a row), 0.6 to 0.8 on points of three numbers.
"""

import numpy as np
import torch

from geoflow.geometry.compiled import kernel
from geoflow.training._ensemble import Parameters

SMALL_PRODUCT = 1_000_000
"""Multiplications of a matrix product up to which OpenBLAS copies nothing: 1.7 times as fast."""

LEAST_COLUMNS = 256


class PlainGradient:
    """Sets a gradient to that of each replica's mean cross-entropy on rows of x (n, d)."""

    def __init__(self, gradient: Parameters, network: Parameters, x: torch.Tensor) -> None:
        self.p, self.g, self.x = network.flat.numpy(), gradient.flat.numpy(), x.numpy()
        self.places = layer_places(network)
        self.batch = 0

    def __call__(self, rows: torch.Tensor, y: torch.Tensor) -> None:
        """Take the gradient on the rows (R, B) of x, labels y (R, B)."""
        set_gradients(self.g, self.p, self.places, *self.given(rows, y), *self.scratch)

    def given(self, rows: torch.Tensor, y: torch.Tensor) -> tuple[np.ndarray, ...]:
        """Return cuts, x, rows and labels as kernels take them, with room for so many rows."""
        if rows.shape[1] != self.batch:
            self.prepare(rows.shape[1])
        taken, labels = (np.ascontiguousarray(one.numpy()) for one in (rows, y))
        return self.cuts, self.x, taken, labels

    def prepare(self, batch: int) -> None:
        """Make room for batches of so many rows."""
        self.batch = batch
        (d, width), units = self.places[0, 2:4], self.places[:, 3]
        self.cuts = cuts(batch, d, width)
        sizes = (d, units.sum(), units.max(), units.max())
        self.scratch = [np.empty(batch * size, np.float32) for size in sizes]


def layer_places(network: Parameters) -> np.ndarray:
    """Return where each layer stands, (L, 5): weights and biases in the flat parameters, fan_in,
    fan_out, and the units of the layers before it.
    """
    first = network.flat.data_ptr()
    at = [
        [(view.data_ptr() - first) // 4 for view in pair]
        for pair in zip(network.weights, network.biases, strict=True)
    ]
    before = np.cumsum([0, *(width for _, width in network.fans)])[:-1]
    return np.column_stack([at, network.fans, before])


def cuts(batch: int, d: int, width: int) -> np.ndarray:
    """Return where the d columns of the input are cut, so that its products are small ones.

    >>> cuts(32, 784, 25), cuts(32, 784, 50)
    (array([  0, 784]), array([  0, 392, 784]))
    """
    parts = min(-(-batch * d * width // SMALL_PRODUCT), max(d // LEAST_COLUMNS, 1))
    return np.linspace(0, d, parts + 1).astype(np.int64)


@kernel
def set_gradients(
    g: np.ndarray,
    p: np.ndarray,
    places: np.ndarray,
    cuts: np.ndarray,
    x: np.ndarray,
    rows: np.ndarray,
    labels: np.ndarray,
    fed: np.ndarray,
    active: np.ndarray,
    errors: np.ndarray,
    spare: np.ndarray,
) -> None:
    """Set the flat gradient g (P,) at flat parameters p (P,) for rows (R, B) of x, labels (R, B).

    Scratch: fed (B d,), the columns between two cuts one after another; active (B units,), the
    layers one after another; errors and spare (B widest,).
    """
    for replica in range(rows.shape[0]):
        set_errors(p, places, replica, cuts, x, rows, labels, fed, active, errors, spare)
        set_from_errors(g, places, replica, p, places, replica, fed, cuts, active, errors, spare)


@kernel
def set_errors(
    p: np.ndarray,
    places: np.ndarray,
    replica: int,
    cuts: np.ndarray,
    x: np.ndarray,
    rows: np.ndarray,
    labels: np.ndarray,
    fed: np.ndarray,
    active: np.ndarray,
    errors: np.ndarray,
    spare: np.ndarray,
) -> None:
    """Set the input, the layers and the errors of the output of one replica: scratch as above."""
    take_rows(fed, x, rows[replica], cuts)
    set_activations(active, spare, p, places, replica, fed, cuts)
    set_output_errors(errors, layer(active, places[-1], rows.shape[1]), labels[replica])


@kernel
def layer(active: np.ndarray, place: np.ndarray, batch: int) -> np.ndarray:
    """Return the activations (B, units) of a layer."""
    return active[batch * place[4] : batch * (place[4] + place[3])].reshape(batch, place[3])


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
def take_rows(fed: np.ndarray, x: np.ndarray, rows: np.ndarray, cuts: np.ndarray) -> None:
    """Copy rows (B,) of x (n, d): the columns between two cuts one after another."""
    for part in range(cuts.size - 1):
        start, stop = cuts[part], cuts[part + 1]
        into = fed[rows.size * start : rows.size * stop].reshape(rows.size, stop - start)
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
    batch = active.size // places[:, 3].sum()
    for at in range(len(places)):
        z = layer(active, places[at], batch)
        weight, bias = weights(p, places[at], replica), biases(p, places[at], replica)
        if at > 0:
            np.dot(layer(active, places[at - 1], batch), weight, z)
        else:
            z[:] = 0
            product = spare[: z.size].reshape(z.shape)
            for part in range(cuts.size - 1):
                start, stop = cuts[part], cuts[part + 1]
                taken = fed[batch * start : batch * stop].reshape(batch, stop - start)
                np.dot(taken, weight[start:stop], product)
                z += product
        least = np.float32(0) if at < len(places) - 1 else np.float32(-np.inf)
        for b in range(batch):
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
    fed: np.ndarray,
    cuts: np.ndarray,
    active: np.ndarray,
    errors: np.ndarray,
    spare: np.ndarray,
) -> None:
    """Set the gradient of one replica from the errors of its output, which are changed.

    It goes to row ``row`` of the flat g, whose layers stand at ``into``; see `layer_places`.
    """
    batch = active.size // places[:, 3].sum()
    for at in range(len(places) - 1, -1, -1):
        fan_in, width = places[at, 2], places[at, 3]
        delta = errors[: batch * width].reshape(batch, width)
        summed, product = biases(g, into[at], row), weights(g, into[at], row)
        summed[:] = 0
        for b in range(batch):
            summed += delta[b]
        if at == 0:
            for part in range(cuts.size - 1):
                start, stop = cuts[part], cuts[part + 1]
                taken = fed[batch * start : batch * stop].reshape(batch, stop - start)
                np.dot(taken.T, delta, product[start:stop])
            return
        h = layer(active, places[at - 1], batch)
        np.dot(h.T, delta, product)
        back = spare[: batch * fan_in].reshape(batch, fan_in)
        np.dot(delta, weights(p, places[at], replica).T, back)
        for b in range(batch):
            for unit in range(fan_in):
                errors[b * fan_in + unit] = np.float32(0) if h[b, unit] <= 0 else back[b, unit]
