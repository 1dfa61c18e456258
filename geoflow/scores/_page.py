"""The table of scores in the documentation, made of their entries."""

from geoflow.scores.catalogue import BUILT_IN
from geoflow.scores.entry import PLACES, Score


def catalogue_markdown() -> str:
    """Return a Markdown table of the built-in scores of each level that has some.

    >>> print(catalogue_markdown()[:60])
    ### Scores of a network
    <BLANKLINE>
    | score | formula | bounds | told a
    """
    there = {one.level for one in BUILT_IN}
    return "\n\n".join(table(level) for level in PLACES if level in there)


def table(level: str) -> str:
    """Return the heading and the table of the scores of a level."""
    heads = ("score", "formula", "bounds", "told apart by", "source")
    rows = [heads, ("---",) * len(heads)]
    rows += [score_cells(one) for one in BUILT_IN if one.level == level]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([f"### Scores of a {level}", "", *lines])


def score_cells(score: Score) -> tuple[str, ...]:
    r"""Return the cells of a score; a bar within is no border.

    >>> score_cells(Score("a_b", "layer", "|x| - 1", "me", low=-1, keys=("k",)))
    ('`a_b`', '\\|x\\| - 1', '>= -1', 'k', 'me')
    """
    texts = (score.formula, score.bounds, ", ".join(score.keys), score.source)
    return f"`{score.name}`", *(text.replace("|", "\\|") for text in texts)
