"""RMSprop in one pass over the parameters.

    g <- g + weight_decay p,   v <- alpha v + (1 - alpha) g^2,
    p <- p - rate g / sqrt(v + eps)        epsilon inside: Keras from 2.11 on, Keras 3
    p <- p - rate g / (sqrt(v) + eps)      epsilon outside: torch.optim.RMSprop, older Keras

(Tieleman, Hinton 2012, who name no eps.) Which one it is decides what the recipe of the 2024 paper
gives: inside, a network that is sure of its rows comes to rest, as its gradients fall below
sqrt(eps); outside, every weight goes on at full step. ``torch.optim.RMSprop`` walks through memory
once for each operation: 3.6 ms against 0.35 ms for 36 networks 784-25-25-25-25-25-1 (800,000
parameters) on one core.
"""

import numpy as np
import torch

from geoflow.specs import Recipe
from geoflow.training._kernels import update


class RMSprop:
    """The optimizer over flat parameters (P,) and their flat gradient (P,), both float32."""

    def __init__(self, flat: torch.Tensor, gradient: torch.Tensor, recipe: Recipe) -> None:
        self.p, self.g = flat.numpy(), gradient.numpy()
        self.v = np.zeros_like(self.p)
        self.settings = settings_of(recipe)

    def step(self) -> None:
        """Change the parameters in place."""
        update(self.p, self.g, self.v, *self.settings)


def settings_of(recipe: Recipe) -> tuple[np.float32, ...]:
    """Return rate, alpha, what is added inside and outside the root, and weight decay."""
    places = (recipe.epsilon, 0.0) if recipe.epsilon_inside else (0.0, recipe.epsilon)
    settings = (recipe.learning_rate, recipe.decay, *places, recipe.weight_decay)
    return tuple(np.float32(one) for one in settings)
