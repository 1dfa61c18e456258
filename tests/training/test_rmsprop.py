"""RMSprop takes the steps of its formula, with epsilon on either side of the root."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from plain_optimizers import plain_optimizer, rmsprop_step

from geoflow.errors import SpecError
from geoflow.specs import Recipe
from geoflow.training._backward import PlainGradient
from geoflow.training._ensemble import ensemble, zeros_like
from geoflow.training._rmsprop import RMSprop
from geoflow.training._steps import PlainRMSprop

RECIPE = Recipe(learning_rate=0.01, weight_decay=0.1)
SIDES = pytest.mark.parametrize("inside", [True, False], ids=["inside", "outside"])


def drawn(n_steps=20, size=500):
    """Parameters, and gradients from far below epsilon to 1, of both signs, some of them 0."""
    rng = np.random.default_rng(0)
    scale = 10.0 ** rng.uniform(-9, 0, size)
    scale[::50] = 0
    gradients = scale * rng.standard_normal((n_steps, size))
    return rng.standard_normal(size).astype(np.float32), gradients.astype(np.float32)


def fused(start, gradients, recipe):
    flat, gradient = torch.from_numpy(start.copy()), torch.zeros(len(start))
    steps = RMSprop(flat, gradient, recipe)
    for one in gradients:
        gradient.copy_(torch.from_numpy(one))
        steps.step()
    return flat.numpy()


@SIDES
@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
def test_steps_are_those_of_the_formula_in_float64(inside, weight_decay):
    recipe = replace(RECIPE, epsilon_inside=inside, weight_decay=weight_decay)
    start, gradients = drawn()
    p, v = start.astype(np.float64), np.zeros(len(start))
    for g in gradients.astype(np.float64):
        p, v = rmsprop_step(p, g, v, recipe)
    np.testing.assert_allclose(fused(start, gradients, recipe), p, rtol=1e-5, atol=1e-6)


def test_steps_with_epsilon_outside_are_those_of_torch():
    recipe = replace(RECIPE, epsilon_inside=False)
    start, gradients = drawn()
    weight = torch.nn.Parameter(torch.from_numpy(start.copy()))
    steps = plain_optimizer([weight], recipe)
    assert isinstance(steps, torch.optim.RMSprop)
    for one in gradients:
        weight.grad = torch.from_numpy(one)
        steps.step()
    np.testing.assert_allclose(
        fused(start, gradients, recipe), weight.detach().numpy(), rtol=1e-5, atol=1e-6
    )


@SIDES
def test_a_gradient_below_the_root_of_epsilon_rests_only_where_epsilon_is_inside(inside):
    recipe = Recipe(learning_rate=0.01, epsilon_inside=inside)
    start, gradients = np.zeros(1, np.float32), np.full((200, 1), 1e-5, np.float32)
    # v settles at 1e-10: steps are 0.01 x 1e-5 / sqrt(1e-10 + 1e-7), or 0.01 x 1e-5 / (1e-5 + 1e-7)
    step = 0.01 * (1e-5 / 3.164e-4 if inside else 1 / 1.01)
    (after_100,), (after_200,) = (fused(start, gradients[:n], recipe) for n in (100, 200))
    assert after_100 - after_200 == pytest.approx(100 * step, rel=1e-3)


def test_every_optimizer_has_its_own_place_of_epsilon():
    assert Recipe().epsilon_inside is True
    assert Recipe(epsilon_inside=False).epsilon_inside is False
    assert Recipe(optimizer="adam").epsilon_inside is False
    assert Recipe(optimizer="adam", epsilon_inside=False) == Recipe(optimizer="adam")
    assert Recipe(optimizer="sgd").epsilon_inside is None


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"epsilon_inside": 1}, "epsilon_inside must be true or false, not 1"),
        (
            {"optimizer": "adam", "epsilon_inside": True},
            "adam adds epsilon outside its root: leave",
        ),
        ({"optimizer": "sgd", "epsilon_inside": False}, "sgd has no epsilon: leave out epsilon_in"),
    ],
)
def test_a_place_of_epsilon_that_an_optimizer_has_not_is_refused(values, said):
    with pytest.raises(SpecError, match=said):
        Recipe(**values)


@SIDES
@pytest.mark.parametrize("outputs", [1, 3])
def test_gradients_used_where_they_are_made_give_the_same_numbers(inside, outputs):
    """To the last bit, also where a batch is smaller than those before, and the input is cut."""
    recipe = replace(RECIPE, epsilon_inside=inside)
    fans, seeds = [(1100, 60), (60, 7), (7, outputs)], [0, 1, 2]
    draw = torch.Generator().manual_seed(0)
    x = torch.randn(50, 1100, generator=draw)
    one, other = ensemble(fans, seeds), ensemble(fans, seeds)
    together, gradient = PlainRMSprop(one, x, recipe), zeros_like(other)
    take, steps = PlainGradient(gradient, other, x), RMSprop(other.flat, gradient.flat, recipe)
    start = one.flat.clone()
    for batch in (32, 18, 40):
        rows = torch.stack([torch.randperm(50, generator=draw)[:batch] for _ in seeds])
        y = torch.randint(0, max(outputs, 2), (3, batch), generator=draw)
        together(rows, y)
        take(rows, y)
        steps.step()
        assert torch.equal(one.flat, other.flat)
    assert (one.flat != start).float().mean() > 0.9
