"""The gradient of the loss of plain networks, written out.

For one batch of B rows, with h_l = relu(h_{l-1} W_l + b_l), h_0 = x, z the logits and delta_{L+1}
= dLoss/dz:

    delta_{L+1} = (sigmoid(z) - y) / B   or   (softmax(z) - onehot(y)) / B
    dLoss/dW_l  = h_{l-1}^T delta_l,     dLoss/db_l = sum over rows of delta_l
    delta_{l-1} = (delta_l W_l^T) * [h_{l-1} > 0]

torch's autograd gives the same numbers (a test holds it) for 1.2 to 1.6 times the seconds: every
product here is written straight into the flat gradient, and nothing is recorded.
"""

import torch
from torch.nn import functional

from geoflow.training._ensemble import Parameters


@torch.no_grad()
def set_gradient(
    gradient: Parameters, network: Parameters, x: torch.Tensor, y: torch.Tensor
) -> None:
    """Set ``gradient`` to that of each replica's mean cross-entropy on x (R, B, d), y (R, B)."""
    inputs = [x]
    for weight, bias in zip(network.weights[:-1], network.biases[:-1], strict=True):
        inputs.append(torch.baddbmm(bias, inputs[-1], weight).relu_())
    z = torch.baddbmm(network.biases[-1], inputs[-1], network.weights[-1])
    delta = output_errors(z, y) / x.shape[1]
    for at in range(len(network.weights) - 1, -1, -1):
        torch.bmm(inputs[at].transpose(1, 2), delta, out=gradient.weights[at])
        torch.sum(delta, 1, keepdim=True, out=gradient.biases[at])
        if at > 0:
            back = torch.bmm(delta, network.weights[at].transpose(1, 2))
            delta = torch.ops.aten.threshold_backward(back, inputs[at], 0)


def output_errors(z: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Return predicted probabilities of logits z (R, B, 1 or classes) less the truth y (R, B)."""
    if z.shape[-1] == 1:
        return torch.sigmoid(z) - y[..., None].to(z.dtype)
    return torch.softmax(z, dim=-1) - functional.one_hot(y, z.shape[-1]).to(z.dtype)
