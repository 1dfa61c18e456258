"""The optimal map between normal distributions, in closed form.

    A = S_X^(-1/2) (S_X^(1/2) S_Y S_X^(1/2))^(1/2) S_X^(-1/2)

S_X, S_Y (d, d): covariances. x -> m_Y + A (x - m_X) takes N(m_X, S_X) to N(m_Y, S_Y) at the least
mean squared distance; A is symmetric and positive semi-definite. Source: Dowson & Landau 1982;
Peyre & Cuturi, Computational Optimal Transport, 2019.
"""

import numpy as np

SMALLEST = 2.0**-40
"""Variances of S_X below this share of its largest are taken as this share: they are rounding."""


def gaussian_map(covariance_x: np.ndarray, covariance_y: np.ndarray) -> np.ndarray:
    """Return A (d, d) from two covariances (d, d); the identity if S_X = 0, which any map fits.

    >>> gaussian_map(np.diag([1.0, 4.0]), np.diag([9.0, 1.0]))  # deviations 1, 2 to 3, 1
    array([[3. , 0. ],
           [0. , 0.5]])
    """
    variances, axes = np.linalg.eigh(covariance_x)
    if variances[-1] <= 0:
        return np.eye(len(variances))
    deviations = np.sqrt(np.maximum(variances, SMALLEST * variances[-1]))
    root = (axes * deviations) @ axes.T
    inverse = (axes / deviations) @ axes.T
    inner, inner_axes = np.linalg.eigh(root @ covariance_y @ root)
    middle = (inner_axes * np.sqrt(np.maximum(inner, 0.0))) @ inner_axes.T
    product: np.ndarray = inverse @ middle @ inverse
    symmetric: np.ndarray = (product + product.T) / 2
    return symmetric


def covariance(points: np.ndarray) -> np.ndarray:
    """Return the sample covariance (d, d) of points (n, d): sum of (x - m)(x - m)^T over n - 1.

    0 of a single point.

    >>> covariance(np.array([[0.0], [2.0]]))
    array([[2.]])
    """
    centred = points - points.mean(axis=0)
    product: np.ndarray = centred.T @ centred / max(len(points) - 1, 1)
    return product
