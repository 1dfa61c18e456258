"""The questions that the console has ready: those of the page on questions, and of its files."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from geoflow.store.questions import all_questions, question, question_sql, questions_page
from geoflow.text.literal import literal

IN_NETWORK = re.compile(r"'quickstart/[^']*'")
IN_STUDY = re.compile(r"'quickstart\w*'")

EXAMPLES: dict[str, Any] = {
    "series_end": "output",
    "patience": 2,
    "near": 10,
    "enough": 3,
    "among": "kind",
    "about": "kind",
    "sample": "all",
    "across": "layers",
    "x": "train_accuracy",
    "x_label": "train_accuracy",
    "y": "test_accuracy",
    "y_label": "test_accuracy",
}
"""Parameters of questions that the page does not know: a value to begin with, to be changed."""


@cache
def page_questions() -> dict[str, str]:
    """Return the SQL of the questions to begin with, by their words."""
    found = re.findall(r"\n\n([^\n#|<]+)\n\n```sql\n(.*?)\n```", questions_page(), re.DOTALL)
    return {" ".join(words.split()): sql for words, sql in found}


def example_titles() -> dict[str, str]:
    """Return the ready questions by their key: the words of one, or what a file holds."""
    files = {file.name: file.title for file in all_questions()}
    return {words: words for words in page_questions()} | files


def example_sql(key: str, facts: Mapping[str, Any]) -> str:
    """Return the SQL of a ready question about the network that is shown and its study.

    facts: network, study and the parameters of questions that are known; those of `EXAMPLES` stand
    for others.

    >>> example_sql("Where is the flow strongest?", {"study": "mine"}).splitlines()[1]
    "from optimal_k where study = 'mine' and convention = 'directed' and start = 'hidden'"
    """
    if key in page_questions():
        sql = page_questions()[key]
        if facts.get("network"):
            sql = IN_NETWORK.sub(lambda _: literal(facts["network"]), sql)
        return IN_STUDY.sub(lambda _: literal(facts.get("study")), sql)
    known = EXAMPLES | {"other": facts.get("network")} | dict(facts)
    return question_sql(key, {name: known.get(name) for name in question(key).parameters})
