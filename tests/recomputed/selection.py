"""What local coefficients choose: how deep a network need be, and when to stop its training."""

from itertools import product

from recomputed.base import grouped, is_negative, picked, relation, states
from recomputed.local import (
    CURVED,
    ENDED,
    layer_coefficients,
    local_training_coefficients,
    of_finals,
)
from recomputed.steps import ENDS

PATIENCE = (1, 2, 3, 5)


@relation
def depth_selection(base):
    found = []
    rows = of_finals(
        base, layer_coefficients(base), "network study dataset width depth test_accuracy"
    )
    kinds = grouped(rows, "network_id", *CURVED).values()
    for every, end in product(kinds, ENDS):
        some = [row for row in every if end == "output" or not row["is_to_output"]]
        if end == "output" and not any(row["is_to_output"] for row in some):
            continue
        path = sorted(
            (row["layer"], row["layer_coefficient"])
            for row in some
            if row["layer_coefficient"] is not None
        )
        least, at = min(((c, layer) for layer, c in path), default=(None, None))
        past = []
        if least is not None and is_negative(least):
            past = [(layer, c) for layer, c in path if layer > at and c >= least / 2]
        chosen = past[0] if past else (None, None)
        reason = None
        if least is None:
            reason = "no layer has a coefficient"
        elif not is_negative(least):
            reason = "no layer has a negative coefficient"
        elif not past:
            reason = "the coefficient does not come back to half of its least"
        words = ("network study dataset width depth test_accuracy", *CURVED)
        numbers = {"least_layer": at, "least_coefficient": least, "reason": reason}
        ends = {"chosen_layer": chosen[0], "chosen_coefficient": chosen[1], "end": end}
        found.append(picked(some[0], " ".join(words)) | numbers | ends)
    return found


@relation
def early_stopping(base):
    found = []
    rows = [row for row in local_training_coefficients(base) if row["epoch"] is not None]
    every = grouped([row for row in states(base).values() if row["epoch"] is not None], "final_id")
    for (final, *_), some in grouped(rows, "final_id", *ENDED).items():
        path = [row for row in some if row["mean_local_coefficient"] is not None]
        path.sort(key=lambda row: row["epoch"])
        if len(path) < 2:
            continue
        known = [row for row in every[final,] if row["test_accuracy"] is not None]
        known.sort(key=lambda row: (-row["test_accuracy"], row["epoch"]))
        last = [row["test_accuracy"] for row in every[final,] if row["is_final"]]
        for patience in PATIENCE:
            stop = stopped([row["mean_local_coefficient"] for row in path], patience)
            words = ("network study dataset width depth", *ENDED)
            found.append(
                picked(path[0], " ".join(words))
                | picked(path[stop], "epoch mean_local_coefficient test_accuracy")
                | {
                    "patience": patience,
                    "n_snapshots": len(path),
                    "best_epoch": known[0]["epoch"] if known else None,
                    "best_accuracy": known[0]["test_accuracy"] if known else None,
                    "final_accuracy": last[0],
                }
            )
    return found


def stopped(means, patience):
    """Where one finds the least that stops after so many numbers without a new least one."""
    least = 0
    for at, number in enumerate(means):
        if number < means[least]:
            least = at
        elif at - least >= patience:
            break
    return least
