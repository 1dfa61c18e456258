"""The optimizers of a recipe as a reader would write them: torch's own, or the formula."""

import torch


def rmsprop_step(p, g, v, recipe):
    """Return parameters p and their mean of squares v after a step: arrays or tensors alike."""
    g = g + recipe.weight_decay * p
    v = recipe.decay * v + (1 - recipe.decay) * g**2
    if recipe.epsilon_inside:
        return p - recipe.learning_rate * g / (v + recipe.epsilon) ** 0.5, v
    return p - recipe.learning_rate * g / (v**0.5 + recipe.epsilon), v


class InsideRMSprop(torch.optim.Optimizer):
    """RMSprop with epsilon inside the root, which torch does not have."""

    def __init__(self, parameters, recipe):
        super().__init__(parameters, {})
        self.recipe = recipe
        self.squares = {}

    @torch.no_grad()
    def step(self):
        """Change every parameter by its gradient."""
        for p in self.param_groups[0]["params"]:
            v = self.squares.get(p, torch.zeros_like(p))
            after, self.squares[p] = rmsprop_step(p, p.grad, v, self.recipe)
            p.copy_(after)


def plain_optimizer(parameters, recipe):
    """Return the optimizer of a recipe over parameters of torch."""
    options = {"lr": recipe.learning_rate, "weight_decay": recipe.weight_decay}
    parameters = [one for one in parameters if one.requires_grad]
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(parameters, momentum=recipe.decay, **options)
    if recipe.optimizer == "adam":
        betas = (recipe.decay, 0.999)
        return torch.optim.Adam(parameters, betas=betas, eps=recipe.epsilon, **options)
    if recipe.epsilon_inside:
        return InsideRMSprop(parameters, recipe)
    return torch.optim.RMSprop(parameters, alpha=recipe.decay, eps=recipe.epsilon, **options)
