"""Correlations of scores: over networks about the means of groups, and within a network."""

import math
from functools import cache
from itertools import permutations

import numpy as np
from scipy import stats

from recomputed.base import finals, grouped, pearson, picked, relation, varies
from recomputed.scores import KEYS, layer_scores, network_scores, point_scores
from recomputed.transport import interval

GROUPS = {
    "kind": ("dataset_id", "family", "weight_decay", "recipe", "width", "depth"),
    "data set": ("dataset_id",),
    "family": ("dataset_id", "family", "weight_decay", "recipe"),
}
"""What networks share about whose means a correlation is; of two that divide alike the first."""

AMONG = {"kind": GROUPS["kind"], "data set": ("dataset_id",), "study": ()}
"""What the networks share that a correlation is among."""


def label(row):
    """A score with its keys, as people read them."""
    parts = [row["score"]]
    if row["curvature"] is not None:
        alpha = "" if row["alpha"] is None else f"({row['alpha']:g})"
        parts.append(row["curvature"] + alpha)
    parts += [row["convention"], row["k"] and f"k={row['k']}", row["points"]]
    parts.append(None if row["radius"] is None else f"r={row['radius']:g}")
    return " ".join(part for part in parts if part is not None)


def named(rows):
    """The columns of a score by its label, and those of it as the other of a pair."""
    own = {label(row): picked(row, " ".join(("score", *KEYS))) for row in rows}
    other = {
        name: {"other": row["score"]} | {f"other_{key}": row[key] for key in KEYS}
        for name, row in own.items()
    }
    return own, other


@cache
def collapsed(base):
    """Networks that tell no two test points apart."""
    said = grouped(base["predictions"], "network_id")
    alike = {key for (key,), some in said.items() if len({r["predicted"] for r in some}) == 1}
    return alike | {row["network_id"] for row in base["layers"] if row["n_distinct"] == 1}


def values_of(base):
    """{study: {network: {label: value}}}."""
    found = {}
    for row in network_scores(base):
        of_study = found.setdefault(finals(base)[row["network_id"]]["base_study"], {})
        of_study.setdefault(row["network_id"], {})[label(row)] = row["value"]
    return found


@relation
def score_correlations(base):
    own, other = named(network_scores(base))
    found = []
    for study, values in values_of(base).items():
        names = sorted({name for some in values.values() for name in some})
        samples = {"all": set(values), "without collapsed": set(values) - collapsed(base)}
        for one, two in permutations(names, 2):
            ends = own[one] | other[two] | {"label": one, "other_label": two, "study": study}
            seen = {}
            for sample, members in samples.items():
                both = [key for key in members if {one, two} <= values[key].keys()]
                rows = [(finals(base)[key], values[key][one], values[key][two]) for key in both]
                for place, about, some in placed(rows):
                    key = *place.values(), about
                    if len(some) > 3 and seen.get(key) != len(some):
                        seen[key] = len(some)
                        what = {"about": about, "sample": sample}
                        found.append(ends | place | what | partial(some, about))
    return found


def placed(rows):
    """Yield the columns of a place, what the means are about, and the rows, each set once."""
    for among, columns in AMONG.items():
        for some in grouped(rows, *(lambda row, c=c: row[0][c] for c in columns)).values():
            parts = {}
            for about, names in GROUPS.items():
                if set(columns) <= set(names):
                    groups = grouped(some, *(lambda row, c=c: row[0][c] for c in names))
                    split = {frozenset(row[0]["network_id"] for row in g) for g in groups.values()}
                    parts.setdefault(frozenset(split), about)
            if among == "study" and len({row[0]["dataset_id"] for row in some}) < 2:
                continue
            kinds = {tuple(row[0][c] for c in GROUPS["kind"]) for row in some}
            if among == "data set" and len(kinds) < 2:
                continue
            first = some[0][0]
            words = (*GROUPS["kind"], "dataset") if among == "kind" else columns
            words = (*words, "dataset") if among == "data set" else words
            blank = dict.fromkeys((*GROUPS["kind"], "dataset"))
            for about in ["kind"] if among == "kind" else parts.values():
                yield {"among": among} | blank | {w: first[w] for w in words}, about, some


def partial(rows, about):
    """n, r, its interval and its p, x and y about the means of groups."""
    groups = grouped(rows, *(lambda row, c=c: row[0][c] for c in GROUPS[about])).values()
    x, y = (np.concatenate([centred([row[at] for row in g]) for g in groups]) for at in (1, 2))
    n, freedom = len(rows), len(rows) - len(groups) - 2
    r = low = high = p = None
    if x.any() and y.any():
        r = float(np.clip(x @ y / math.sqrt(x @ x) / math.sqrt(y @ y), -1, 1))
        if abs(r) < 1 and freedom > 0:
            z, half = math.atanh(r), stats.norm.ppf(0.975) / math.sqrt(freedom)
            low, high = math.tanh(z - half), math.tanh(z + half)
            p = 2 * stats.norm.sf(abs(z) * math.sqrt(freedom))
    numbers = {"correlation": r, "correlation_low": low, "correlation_high": high, "p": p}
    return numbers | {"n": n, "n_groups": len(groups)}


def centred(values):
    values = np.array(values)
    return values - values.mean() if varies(values) else np.zeros(len(values))


@cache
def within(base):
    """(network, across, label, other, n, r) of every ordered pair of scores of a network."""
    found = []
    for across, rows in (("layers", layer_scores(base)), ("points", point_scores(base))):
        for (network,), some in grouped(rows, "network_id").items():
            series = {}
            for row in some:
                series.setdefault(label(row), {})[row[across[:-1]]] = row["value"]
            for one, two in permutations(sorted(series), 2):
                places = series[one].keys() & series[two].keys()
                if len(places) > 2:
                    pairs = [(series[one][at], series[two][at]) for at in places]
                    found.append((network, across, one, two, len(pairs), pearson(pairs)))
    return found


@relation
def computed_network_correlations(base):
    own, other = named([*layer_scores(base), *point_scores(base)])
    return [
        {"network_id": network, "across": across, "n": n, "correlation": r} | own[one] | other[two]
        for network, across, one, two, n, r in within(base)
        if one < two
    ]


@relation
def within_network_correlations(base):
    own, other = named([*layer_scores(base), *point_scores(base)])
    words = "base_study dataset_id dataset family weight_decay recipe"
    rows = [
        picked(finals(base)[network], words) | {"across": across, "pair": (one, two), "r": r}
        for network, across, one, two, _, r in within(base)
    ]
    found = []
    keys = ("base_study", "dataset_id", "family", "weight_decay", "recipe", "across", "pair")
    for some in grouped(rows, *keys).values():
        r = [row["r"] for row in some if row["r"] is not None]
        one, two = some[0]["pair"]
        low, high = interval(r, -1, 1)
        numbers = {"correlation_low": low, "correlation_high": high, "n_networks": len(r)}
        found.append(
            picked(some[0], "dataset_id dataset family weight_decay recipe across")
            | own[one]
            | other[two]
            | {"label": one, "other_label": two, "study": some[0]["base_study"]}
            | {"correlation": float(np.mean(r)) if r else None}
            | numbers
        )
    return found
