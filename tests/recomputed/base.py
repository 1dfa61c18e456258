"""The base tables of a store, what networks are called, and the arithmetic of the rest."""

import math
from collections import defaultdict
from functools import cache, cached_property
from hashlib import md5

import numpy as np

from geoflow.store._sqlfiles import sql_files

RECOMPUTED = {}
"""The functions by the name of the relation that they compute again."""

DERIVED = (
    "twonn_dimensions",
    "neighborhoods",
    "layer_overlaps",
    "point_coefficients",
    "layer_coefficients",
    "network_correlations",
)
"""Tables that SQL makes of others: they are no base."""


class Base:
    """Rows of the tables of a store, as dictionaries."""

    def __init__(self, db):
        self.tables = {
            file.name: db.view(file.name).rows(named=True)
            for file in sql_files("tables")
            if file.name not in DERIVED
        }
        named = ("published_coefficients", "published_headline", "published_local_coefficients")
        self.tables |= {name: db.view(name).rows(named=True) for name in named}  # constants

    def __getitem__(self, name):
        return self.tables[name]

    @cached_property
    def layers(self):
        return {row["layer_id"]: row for row in self["layers"]}

    @cached_property
    def graphs(self):
        """Graphs with the columns of their layer."""
        return {row["graph_id"]: self.layers[row["layer_id"]] | row for row in self["graphs"]}

    @cached_property
    def networks(self):
        return {row["network_id"]: row for row in self["networks"]}


def relation(function):
    """Let a function compute a relation of its name, once for a store."""
    RECOMPUTED[function.__name__] = cached = cache(function)
    return cached


def grouped(rows, *keys):
    """Return rows by the values of some columns, or by what functions make of them."""
    found = defaultdict(list)
    for row in rows:
        found[tuple(key(row) if callable(key) else row[key] for key in keys)].append(row)
    return found


def picked(row, names):
    """Return some columns of a row; `names` are words of one text."""
    return {name: row[name] for name in names.replace(",", " ").split()}


def indexed(rows, *keys):
    """Return rows by a key that is theirs alone."""
    found = {tuple(row[key] for key in keys): row for row in rows}
    assert len(found) == len(rows)
    return found


def known(values):
    return [value for value in values if value is not None]


def whole_sum(values):
    """The sum of numbers, None where one is not known."""
    values = list(values)
    return None if None in values else sum(values)


def mean(values):
    values = known(values)
    return float(np.mean(values)) if values else None


def deviation(values):
    """Sample standard deviation, None below two numbers."""
    values = known(values)
    return float(np.std(values, ddof=1)) if len(values) > 1 else None


def is_negative(number):
    """Whether a coefficient is below 0 by more than rounding."""
    return number < -1e-12


def share(flags):
    return mean([float(flag) for flag in flags])


def varies(values, unit=0.0):
    values = np.array(values, float)
    return np.ptp(values) > 1e-12 * max(unit, np.abs(values).max())


def pearson(pairs, unit=0.0):
    """Pearson of the pairs that have both, None where one of them does not vary."""
    pairs = [(x, y) for x, y in pairs if x is not None and y is not None]
    if len(pairs) < 2:
        return None
    x, y = np.array(pairs, float).T
    if not (varies(x, unit) and varies(y, unit)):
        return None
    x, y = x - x.mean(), y - y.mean()
    r = float(np.clip(x @ y / math.sqrt(x @ x) / math.sqrt(y @ y), -1, 1))
    return r if abs(r) > 1e-12 else 0.0


def whole_pearson(pairs):
    """Pearson of whole numbers, from exact sums."""
    n, sx, sy = len(pairs), sum(x for x, _ in pairs), sum(y for _, y in pairs)
    xx = n * sum(x * x for x, _ in pairs) - sx * sx
    yy = n * sum(y * y for _, y in pairs) - sy * sy
    if not (xx and yy):
        return None
    xy = n * sum(x * y for x, y in pairs) - sx * sy
    return max(-1.0, min(1.0, xy / math.sqrt(xx) / math.sqrt(yy)))


@cache
def labelled(base):
    """Every row of `networks` with the words that tell it apart, failed ones and snapshots too."""
    names = {row["dataset_id"]: row["name"] for row in base["datasets"]}
    cells = grouped(base["networks"], "study", "dataset_id", "width", "depth")
    first = {key: min(row["network_id"] for row in some) for key, some in cells.items()}
    asked = {key: asked_of(some) for key, some in cells.items()}
    found = {}
    for row in base["networks"]:
        one = picked(
            row,
            "network_id final_id study dataset_id family width depth weight_decay replica epochs"
            " train_accuracy test_accuracy test_loss status reason",
        )
        base_study, _, variant = row["study"].partition("/")
        accuracy, threshold = row["test_accuracy"], row["accuracy_threshold"]
        is_accurate = accuracy is None or threshold is None or accuracy > threshold
        cell = row["study"], row["dataset_id"], row["width"], row["depth"]
        words = "; ".join(known([recipe(row), *asked[cell]]))
        found[row["network_id"]] = one | {
            "network": row["name"],
            "base_study": base_study,
            "variant": variant or None,
            "cell_id": first[cell],
            "dataset": names[row["dataset_id"]],
            "recipe": recipe(row),
            "series": md5(words.encode()).hexdigest()[:8],
            "half": None if row["replica"] is None else row["replica"] % 2,
            "is_accurate": is_accurate,
        }
    return found


def asked_of(cell):
    """The seed of the study and the request of a cell of networks, those that are known."""
    seeds = [
        row["seed"] - row["replica"] for row in cell if None not in (row["seed"], row["replica"])
    ]
    requests = known(row["request"] for row in cell)
    return [*map(str, sorted(seeds)[:1]), *sorted(requests)[-1:]]


def recipe(row):
    """How a network was trained, in words."""
    if row["optimizer"] is None:
        return None
    numbers = (row[name] for name in ("learning_rate", "decay", "epsilon"))
    parts = [" ".join([row["optimizer"], *(f"{x:g}" for x in numbers)])]
    if row["optimizer"] == "rmsprop" and not row["epsilon_inside"]:
        parts.append("epsilon outside the root")
    parts.append(f"{row['epochs']} epochs of {row['batch_size']}")
    if row["memory_order"] is not None:
        parts.append(f"memory {row['memory_order']:g}")
    if row["initialisation"] == "torch":
        parts.append("weights as in torch")
    if row["until_accuracy"] is not None:
        parts.append(f"until accuracy {row['until_accuracy']:g}")
    if row["batch_norm"]:
        parts.append("batch norm")
    if row["validation_rows"]:
        parts.append(f"{row['validation_rows']} rows to validate")
    if row["shuffled_labels"]:
        parts.append("shuffled labels")
    return ", ".join(parts)


@cache
def finals(base):
    """Networks at the end of their training, failed ones left out."""
    return {
        key: row
        for key, row in labelled(base).items()
        if row["status"] != "failed" and row["final_id"] is None
    }


@cache
def states(base):
    """Networks and their snapshots, failed ones left out, by the key of their layers."""
    found = {}
    for key, row in labelled(base).items():
        if row["status"] == "failed":
            continue
        last = labelled(base)[row["final_id"] or key]
        same = {
            "network": last["network"],
            "recipe": last["recipe"],
            "final_id": last["network_id"],
        }
        more = {"epoch": row["epochs"], "is_final": row["final_id"] is None}
        found[key] = row | same | more
    return found
