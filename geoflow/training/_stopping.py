"""Networks that are accurate enough are trained no further, each by itself."""

import torch

from geoflow.training._evaluation import accuracy_and_loss
from geoflow.training._network import Network, replica_of


class Stopping:
    """Keeps each network as it was after the first epoch that it ended accurate enough.

    network: the ensemble, which goes on as a whole; x (n, d), y (R, n): the training rows and what
    each replica is trained on; ``wanted``: the share of them that it must classify correctly, None
    to stop nowhere. ``stopped_at``: of each replica, the epoch, None before.
    """

    def __init__(
        self, network: Network, x: torch.Tensor, y: torch.Tensor, wanted: float | None
    ) -> None:
        self.network = network
        self.rows = x, y
        self.wanted = wanted
        self.held: dict[int, Network] = {}
        self.stopped_at: list[int | None] = [None] * len(y)

    @property
    def is_over(self) -> bool:
        """Whether no network is left to train."""
        return len(self.held) == len(self.stopped_at)

    def look(self, epoch: int) -> None:
        """Keep the networks that an epoch left accurate enough; put back those that were before."""
        if self.wanted is None:
            return
        for replica, kept in self.held.items():
            put_back(kept, self.network, replica)
        accuracy, _ = accuracy_and_loss(self.network, *self.rows)
        for replica, share in enumerate(accuracy.tolist()):
            if share >= self.wanted and replica not in self.held:
                self.held[replica] = replica_of(self.network, replica)
                self.stopped_at[replica] = epoch


def put_back(kept: Network, network: Network, replica: int) -> None:
    """Make one replica of networks, its running numbers too, what it was when it was kept."""
    for view, before in zip(network.parameters.views, kept.parameters.views, strict=True):
        view[replica] = before[0]
    for running, earlier in zip(network.running, kept.running, strict=True):
        running.mean[replica], running.variance[replica] = earlier.mean[0], earlier.variance[0]
