"""The SQL that entries make: the rows of a view of scores, and those of the table of entries."""

from collections.abc import Sequence

from geoflow.scores.catalogue import BUILT_IN
from geoflow.scores.entry import KEYS, PLACES, Score
from geoflow.text.literal import literal

VALUES = {level: f"{level}_score_values" for level in PLACES}
"""Tables of the scores that are computed of activations, by level."""


def filled(text: str) -> str:
    """Return the text of a SQL file with what the catalogue says in its places.

    ``{rows of layer scores}`` stands for a select of (network_id, layer, score, keys, value), and
    likewise for networks and points; ``{built-in scores}`` for the list of entries.

    >>> filled("from ({rows of layer scores})").count("union all") > 10
    True
    """
    for level in PLACES:
        mark = "{rows of " + level + " scores}"
        if mark in text:
            text = text.replace(mark, level_select(level))
    mark = "{built-in scores}"
    return text.replace(mark, entries()) if mark in text else text


def level_select(level: str) -> str:
    """Return the select of every score of a level: those of relations, then those of functions.

    Scores of one relation are read together: DuckDB plans and reads it once.
    """
    together: dict[tuple[str, tuple[str, ...]], list[Score]] = {}
    for one in BUILT_IN:
        if one.level == level and one.relation:
            together.setdefault((one.relation, one.keys), []).append(one)
    return "\nunion all\n".join([*map(standing_select, together.values()), computed(level)])


def standing_select(scores: Sequence[Score]) -> str:
    """Return the select of scores of one level that stand in one relation with the same keys.

    >>> from geoflow.scores.entry import Score
    >>> eta = Score("eta", "layer", "f", "s", relation="steps", value="eta", keys=("k",))
    >>> print(standing_select([eta]))
    select network_id, layer, 'eta' as score, k, null::varchar as convention, \
null::varchar as curvature, null::double as alpha, null::varchar as points, \
null::double as radius, (eta)::double as value
    from steps
    """
    first = scores[0]
    names = [f"'{one.name}'" for one in scores]
    values = [f"({one.value})::double" for one in scores]
    columns = ["network_id", *PLACES[first.level], f"{one_under_another(names)} as score"]
    columns += [key if key in first.keys else nothing(key) for key in KEYS]
    columns.append(f"{one_under_another(values)} as value")
    return f"select {', '.join(columns)}\nfrom {first.relation}"


def one_under_another(expressions: Sequence[str]) -> str:
    """Return SQL that gives one row for each of several expressions.

    >>> one_under_another(["eta"]), one_under_another(["eta", "delta"])
    ('eta', 'unnest([eta, delta])')
    """
    return expressions[0] if len(expressions) == 1 else f"unnest([{', '.join(expressions)}])"


def computed(level: str) -> str:
    """Return the select of the scores of a level that functions give, with what they are given."""
    columns = ["v.network_id", *(f"v.{place}" for place in PLACES[level])]
    columns += ["coalesce(o.score, v.score) as score", *(f"o.{key}" for key in KEYS), "v.value"]
    own = "left join own_scores as o on o.label = v.score"
    return f"select {', '.join(columns)}\nfrom {VALUES[level]} as v\n{own}"


def nothing(key: str) -> str:
    """Return the column of a key that a score has not."""
    return f"null::{KEYS[key]} as {key}"


def entries() -> str:
    """Return the built-in entries as rows of SQL: name, level, formula, source, low, high."""
    listed = [(one.name, one.level, one.formula, one.source, one.low, one.high) for one in BUILT_IN]
    return ",\n".join(f"    ({', '.join(map(literal, row))})" for row in listed)
