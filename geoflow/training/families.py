"""Families of networks: what each hidden layer is fed, and what becomes of what it answers.

With s_l = act(W_l v_l + b_l) the answer of layer l = 1..L to what it is fed, v_1 = x:

    plain        v_l = h_{l-1}                    h_l = s_l
    residual     v_l = h_{l-1}                    h_1 = s_1,  h_l = h_{l-1} + s_l
    dense        v_l = [x, h_1, ..., h_{l-1}]     h_l = s_l
    fractional   v_l = h_{l-1}                    h_1 = s_1,
                 h_l = sum_{i=1..l-1} m_{l,i} h_i + Gamma(2 - gamma) s_l        (step tau = 1)

The output sees h_L alone, in all of them: h_L is what is classified. Sources: He et al., Deep
residual learning (CVPR 2016), with one layer in a block and a projection before the first; Huang
et al., Densely connected convolutional networks (CVPR 2017); Antil, Khatri, Loehner, Verma,
Fractional deep neural network via constrained optimization (arXiv 2004.00719), section 3. The
fractional network is the L1 scheme for the Caputo equation d^gamma h / dt^gamma = s(h),

    h_l = h_{l-1} - sum_{j=1..l-2} a_{l-1-j} (h_{j+1} - h_j) + Gamma(2 - gamma) s_l,
    a_j = (j + 1)^(1 - gamma) - j^(1 - gamma),

its sum reordered: see `memory`. At gamma = 1 it forgets all but h_{l-1}: the residual network.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from geoflow.specs import Architecture

Seen = Sequence[torch.Tensor]
"""x (R, n, d) and the hidden layers so far, (R, n, width) each."""


@dataclass(frozen=True)
class Wiring:
    """How layers are joined: ``product`` returns v_l W_l + b_l from x, h_1..h_{l-1} and W_l, b_l;
    ``joined`` returns h_l from x, h_1..h_{l-1} and s_l.
    """

    product: Callable[[Seen, torch.Tensor, torch.Tensor], torch.Tensor]
    joined: Callable[[Seen, torch.Tensor], torch.Tensor]


def wiring(architecture: Architecture) -> Wiring:
    """Return how the layers of an architecture are joined."""
    order = architecture.memory_order
    fractional = fractional_join(1.0 if order is None else order, architecture.depth)
    return {
        "plain": Wiring(last_product, answer_alone),
        "residual": Wiring(last_product, answer_added),
        "dense": Wiring(product_of_all, answer_alone),
        "fractional": Wiring(last_product, fractional),
    }[architecture.family]


def last_product(seen: Seen, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """Return the product with the layer before."""
    return torch.baddbmm(bias, seen[-1], weight)


def product_of_all(seen: Seen, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """Return the product with x and all layers before, side by side."""
    x, *earlier = seen
    if not earlier:
        return torch.baddbmm(bias, x, weight)
    # x by itself: it may be wide, and no gradient of it is wanted
    for_x, for_earlier = torch.split(weight, [x.shape[2], weight.shape[1] - x.shape[2]], dim=1)
    z = torch.baddbmm(bias, x, for_x)
    return torch.baddbmm(z, torch.cat(earlier, dim=-1), for_earlier)


def answer_alone(seen: Seen, answer: torch.Tensor) -> torch.Tensor:
    """Return the answer as the next layer."""
    return answer


def answer_added(seen: Seen, answer: torch.Tensor) -> torch.Tensor:
    """Return the layer before plus the answer; the first answer is a projection of x."""
    return answer if len(seen) == 1 else seen[-1] + answer


def fractional_join(order: float, depth: int) -> Callable[[Seen, torch.Tensor], torch.Tensor]:
    """Return what joins the layers of a fractional network of this order gamma and depth L."""
    step = math.gamma(2 - order)
    memories = [memory(order, layer) for layer in range(1, depth + 1)]

    def joined(seen: Seen, answer: torch.Tensor) -> torch.Tensor:
        if len(seen) == 1:
            return answer
        h = step * answer
        for share, earlier in zip(memories[len(seen) - 1], seen[1:], strict=True):
            if share:  # what is forgotten adds no rounding
                h = torch.add(h, earlier, alpha=share)
        return h

    return joined


def memory(order: float, layer: int) -> list[float]:
    """Return the shares m_{l,1..l-1} of all earlier layers in layer l of a fractional network.

        m_{l,1} = a_{l-2},    m_{l,i} = a_{l-1-i} - a_{l-i}  for i = 2..l-1,    a_0 = 1

    They are positive and sum to 1: a weighted mean, in which the layer before weighs 2 - 2^(1 -
    gamma). gamma = ``order`` in (0, 1].

    >>> [round(share, 3) for share in memory(0.5, 4)], memory(1.0, 4)
    ([0.318, 0.096, 0.586], [0.0, 0.0, 1.0])
    """
    a = [(j + 1) ** (1 - order) - (j ** (1 - order) if j else 0) for j in range(layer)]
    return [a[layer - 2], *(a[layer - 1 - i] - a[layer - i] for i in range(2, layer))][: layer - 1]
