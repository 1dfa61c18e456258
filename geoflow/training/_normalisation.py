"""Batch normalisation of pre-activations, each replica by itself.

    training      z <- scale (z - mean(z)) / sqrt(var(z) + eps) + shift       over the B rows
    evaluation    z <- scale (z - m) / sqrt(v + eps) + shift,
    where after every batch  m <- 0.9 m + 0.1 mean(z),  v <- 0.9 v + 0.1 var(z) B / (B - 1)

eps = 1e-5; var divides by B. Source: Ioffe, Szegedy, Batch normalization (ICML 2015), Alg. 1-2;
constants and running variance are those of ``torch.nn.BatchNorm1d``. Scale and shift are learned;
a layer with a shift has no bias.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch.nn import functional

from geoflow.training._ensemble import Parameters

MOMENTUM = 0.1
EPS = 1e-5

Normaliser = Callable[[int, torch.Tensor], torch.Tensor]
"""Returns what the pre-activations z (R, n, width) of hidden layer number 0..L-1 become."""


@dataclass(frozen=True)
class Running:
    """Running ``mean`` m and ``variance`` v (R, 1, width) of a layer's pre-activations."""

    mean: torch.Tensor
    variance: torch.Tensor


def initial_running(replicas: int, widths: Sequence[int]) -> list[Running]:
    """Return mean 0 and variance 1 for layers of these widths."""
    shapes = [(replicas, 1, width) for width in widths]
    return [Running(torch.zeros(shape), torch.ones(shape)) for shape in shapes]


def no_normaliser(layer: int, z: torch.Tensor) -> torch.Tensor:
    """Return z: the normaliser of networks without batch normalisation."""
    return z


def batch_normaliser(parameters: Parameters, running: Sequence[Running]) -> Normaliser:
    """Return what normalises by the batch itself, and moves the running numbers."""

    def normalised(layer: int, z: torch.Tensor) -> torch.Tensor:
        replicas, rows, width = z.shape
        side_by_side = z.transpose(0, 1).reshape(rows, replicas * width)
        result = functional.batch_norm(
            side_by_side,
            running[layer].mean.view(-1),
            running[layer].variance.view(-1),
            parameters.scales[layer].view(-1),
            parameters.shifts[layer].view(-1),
            training=True,
            momentum=MOMENTUM,
            eps=EPS,
        )
        return result.view(rows, replicas, width).transpose(0, 1)

    return normalised


def running_normaliser(parameters: Parameters, running: Sequence[Running]) -> Normaliser:
    """Return what normalises by the running numbers."""

    def normalised(layer: int, z: torch.Tensor) -> torch.Tensor:
        known = running[layer]
        factor = parameters.scales[layer] / torch.sqrt(known.variance + EPS)
        return (z - known.mean) * factor + parameters.shifts[layer]

    return normalised
