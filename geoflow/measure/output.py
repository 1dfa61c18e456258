"""What a network says of its points: the layer after the last hidden one.

    p = 1 / (1 + exp(-z))                     of one logit z: two classes
    p_c = exp(z_c) / sum over c' of exp(z_c') of several

Hehl, von Renesse, Weber 2025 end their series of layers with it. Probabilities are computed in
float64 and rounded to the precision of the logits: which of them are equal, and so which points tie
as neighbours, is a matter of the network's own precision.
"""

import numpy as np


def probabilities(logits: np.ndarray) -> np.ndarray:
    """Return the probabilities of logits (n, 1) or (n, classes), of the same shape.

    >>> probabilities(np.array([[0.0], [40.0]], dtype=np.float32)).tolist()
    [[0.5], [1.0]]
    >>> probabilities(np.array([[0.0, 0.0], [0.0, np.log(3)]])).round(6).tolist()
    [[0.5, 0.5], [0.25, 0.75]]
    """
    from scipy.special import expit, softmax  # a tenth of a second

    z = np.asarray(logits, np.float64)
    found: np.ndarray = expit(z) if z.shape[1] == 1 else softmax(z, axis=1)
    is_single = logits.dtype.kind == "f" and logits.dtype.itemsize <= 4
    return found.astype(np.float32) if is_single else found
