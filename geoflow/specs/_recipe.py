"""How a network is trained."""

from dataclasses import dataclass
from typing import Annotated

from geoflow.errors import SpecError
from geoflow.specs.values import (
    LARGEST_INTEGER,
    Flag,
    Maybe,
    Number,
    OneOf,
    Whole,
    brief,
    check_fields,
)

DECAYS = {"rmsprop": 0.9, "sgd": 0.0, "adam": 0.9}
"""Default decay of each optimizer: of the running mean of squares (rmsprop), momentum (sgd),
beta_1 (adam)."""

EPSILONS_INSIDE = {"rmsprop": True, "sgd": None, "adam": False}
"""Whether each optimizer adds epsilon inside its root by default; None: it has no epsilon."""


INITIALISATIONS = ("glorot", "torch")
"""How weights and biases are drawn before training."""

FULL_BATCH = "full"
"""The batch size that takes all training rows in every step."""


@dataclass(frozen=True)
class Batch:
    """A rule: rows of a step, an integer of at least 1, or all of them."""

    def checked(self, name: str, value: object) -> int | str:
        """Return a number of rows, or FULL_BATCH."""
        if value == FULL_BATCH:
            return FULL_BATCH
        if isinstance(value, str):
            raise SpecError(
                f"{name} must be an integer of at least 1, or '{FULL_BATCH}', not {brief(value)}"
            )
        return Whole(1).checked(name, value)


@dataclass(frozen=True)
class Recipe:
    """How a network is trained; the defaults are those of the 2024 paper.

    ``initialisation``: ``glorot`` draws weights W ~ U(-a, a), a = sqrt(6 / (fan_in + fan_out)), and
    sets biases to 0; ``torch``, as torch.nn.Linear, draws weights and biases from U(-b, b),
    b = 1 / sqrt(fan_in). ``batch_size``: rows of a step, or ``full`` for all of them.
    ``until_accuracy``: a network is trained no further once an epoch ended with this share of its
    training rows classified correctly; None: for all ``epochs``.

    ``epsilon_inside``: where RMSprop adds epsilon to v, its running mean of squares of gradients g,

        inside      p <- p - learning_rate g / sqrt(v + epsilon)     Keras from 2.11 on, Keras 3
        outside     p <- p - learning_rate g / (sqrt(v) + epsilon)   torch, older Keras

    Inside, gradients well below sqrt(epsilon) = 3e-4 take small steps, and networks that are sure
    of their rows come to rest; outside they go on at full step until epsilon itself. None becomes
    the optimizer's own, see EPSILONS_INSIDE: inside for rmsprop, outside for adam (as in torch and
    Keras, the only one it has), and None for sgd, which has no epsilon.

    ``validation_rows`` is the tail of the training rows that training does not see: a count,
    or a share of the rows when it is below 1. ``shuffled_labels`` trains each replica on a random
    permutation of the training labels: a control, in which there is nothing to learn.
    """

    optimizer: Annotated[str, OneOf(tuple(DECAYS), "optimizer")] = "rmsprop"
    learning_rate: Annotated[float, Number(0, is_open_low=True, is_single=True)] = 1e-3
    decay: Annotated[float | None, Maybe(Number(0, 1, is_open_high=True, is_single=True))] = None
    epsilon: Annotated[float, Number(0, is_open_low=True, is_single=True)] = 1e-7
    epsilon_inside: Annotated[bool | None, Maybe(Flag())] = None
    weight_decay: Annotated[float, Number(0, is_single=True)] = 0.0
    epochs: Annotated[int, Whole()] = 50
    batch_size: Annotated[int | str, Batch()] = 32
    validation_rows: Annotated[float, Number(0, LARGEST_INTEGER)] = 0
    shuffled_labels: Annotated[bool, Flag()] = False
    initialisation: Annotated[str, OneOf(INITIALISATIONS, "initialisation")] = "glorot"
    until_accuracy: Annotated[float | None, Maybe(Number(0, 1))] = None

    def __post_init__(self) -> None:
        """Refuse values no optimizer can use; a decay of None becomes the optimizer's own."""
        check_fields(self)
        if self.decay is None:
            object.__setattr__(self, "decay", DECAYS[self.optimizer])
        self.settle_epsilon_inside()
        if self.validation_rows > 1 and self.validation_rows % 1:
            raise SpecError(
                "validation_rows must be a share below 1 or an integer, not"
                f" {brief(self.validation_rows)}"
            )

    def settle_epsilon_inside(self) -> None:
        """Refuse a place of epsilon that the optimizer does not have; give it its own."""
        own = EPSILONS_INSIDE[self.optimizer]
        if self.epsilon_inside is None:
            object.__setattr__(self, "epsilon_inside", own)
        elif self.optimizer != "rmsprop" and self.epsilon_inside is not own:
            has = "has no epsilon" if own is None else "adds epsilon outside its root"
            raise SpecError(
                f"optimizer {self.optimizer} {has}: leave out epsilon_inside, or give None"
            )
