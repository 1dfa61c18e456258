"""The gradient of the loss of any family, by torch's autograd.

The leaves share their memory with the flat parameters, their gradients with the flat gradient:
what optimizers see is what they see of plain networks (`geoflow.training._backward`).
"""

import torch

from geoflow.training._ensemble import Parameters
from geoflow.training._evaluation import losses
from geoflow.training._network import Network, layers, outputs


class RecordedGradient:
    """Sets a gradient to that of each replica's mean cross-entropy; moves running numbers."""

    def __init__(self, gradient: Parameters, network: Network, x: torch.Tensor) -> None:
        self.gradient = gradient
        self.x = x
        self.parameters = gradient_leaves(network.parameters, gradient)
        self.wires = network.wiring
        self.normalise = network.with_parameters(self.parameters).in_training

    @torch.enable_grad()
    def __call__(self, rows: torch.Tensor, y: torch.Tensor) -> None:
        """Take the gradient on the rows (R, B) of x (n, d), labels y (R, B)."""
        x = self.x.index_select(0, rows.reshape(-1)).view(*rows.shape, -1)  # faster than x[rows]
        self.gradient.flat.zero_()
        *_, (_, h) = layers(self.wires, self.parameters, x, self.normalise)
        loss = losses(outputs(self.parameters, h), y).mean(dim=1).sum()
        torch.autograd.backward(loss)


def gradient_leaves(parameters: Parameters, gradient: Parameters) -> Parameters:
    """Return the parameters as leaves of a graph, whose gradients add to ``gradient``.

    Biases before a batch normalisation are none: it takes them out again, so that their gradient
    is rounding alone, of which RMSprop and Adam would make steps. They stay 0.
    """

    def tied(views: list[torch.Tensor], gradients: list[torch.Tensor]) -> list[torch.Tensor]:
        made = []
        for view, its_gradient in zip(views, gradients, strict=True):
            leaf = view.detach().requires_grad_()
            leaf.grad = its_gradient
            made.append(leaf)
        return made

    idle = len(parameters.scales)
    biases = tied(parameters.biases[idle:], gradient.biases[idle:])
    return Parameters(
        parameters.flat,
        tied(parameters.weights, gradient.weights),
        [*parameters.biases[:idle], *biases],
        tied(parameters.scales, gradient.scales),
        tied(parameters.shifts, gradient.shifts),
    )
