"""The gradient of the loss of plain networks on all rows at once.

The formulas are those of `geoflow.training._backward`. Each replica is fed the same rows, which are
not copied: the first layers of all are one product of x (n, d), and so are their gradients. Against
copied rows in replicas' own orders, three networks of 10 layers on 10,000 rows of 3,072 numbers
take a quarter of the time with 15 units, half of it with 50.
"""

import torch
from torch.nn import functional

from geoflow.training._ensemble import Parameters


class WholeGradient:
    """Sets a gradient to that of each replica's mean cross-entropy on all rows of x (n, d)."""

    def __init__(self, gradient: Parameters, network: Parameters, x: torch.Tensor) -> None:
        self.gradient, self.network, self.x = gradient, network, x

    @torch.no_grad()
    def __call__(self, rows: torch.Tensor, y: torch.Tensor) -> None:
        """Take the gradient on the rows (R, n) of x, which are all in their order, labels y."""
        gradient, network = self.gradient, self.network
        layers = [torch.relu_(product_of_shared(self.x, network.weights[0]) + network.biases[0])]
        for weight, bias in zip(network.weights[1:-1], network.biases[1:-1], strict=True):
            layers.append(torch.baddbmm(bias, layers[-1], weight).relu_())
        z = torch.baddbmm(network.biases[-1], layers[-1], network.weights[-1])
        delta = output_errors(z, y) / rows.shape[1]
        for at in range(len(network.weights) - 1, -1, -1):
            torch.sum(delta, 1, keepdim=True, out=gradient.biases[at])
            if at == 0:
                gradient.weights[0].copy_(product_of_shared(self.x.T, delta))
                return
            h = layers[at - 1]
            torch.bmm(h.transpose(1, 2), delta, out=gradient.weights[at])
            back = torch.bmm(delta, network.weights[at].transpose(1, 2))
            delta = torch.ops.aten.threshold_backward(back, h, 0)


def product_of_shared(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Return a b[r] (R, n, w) of a (n, m) and b (R, m, w), as one product.

    >>> a, b = torch.arange(6.0).view(2, 3), torch.arange(24.0).view(2, 3, 4)
    >>> bool((product_of_shared(a, b) == a @ b).all())
    True
    """
    replicas, rows, width = b.shape
    joined = a @ b.permute(1, 0, 2).reshape(rows, replicas * width)
    return joined.view(len(a), replicas, width).transpose(0, 1)


def output_errors(z: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Return predicted probabilities of logits z (R, n, 1 or classes) less the truth y (R, n)."""
    if z.shape[-1] == 1:
        return torch.sigmoid(z) - y[..., None].to(z.dtype)
    return torch.softmax(z, dim=-1) - functional.one_hot(y, z.shape[-1]).to(z.dtype)
