"""The questions that the console has ready: those of the page on questions, and of its files."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from geoflow.store.questions import all_questions, question_sql, questions_page
from geoflow.text.literal import literal

IN_NETWORK = re.compile(r"'quickstart/[^']*'")
IN_STUDY = re.compile(r"'quickstart'")


@cache
def page_questions() -> dict[str, str]:
    """Return the SQL of the questions to begin with, by their words."""
    found = re.findall(r"\n\n([^\n`#|<]+\?)\n\n```sql\n(.*?)\n```", questions_page(), re.DOTALL)
    return {" ".join(words.split()): sql for words, sql in found}


def example_titles() -> dict[str, str]:
    """Return the ready questions by their key: the words of one, or what a file holds."""
    files = {file.name: file.title for file in all_questions()}
    return {words: words for words in page_questions()} | files


def example_sql(key: str, facts: Mapping[str, Any]) -> str:
    """Return the SQL of a ready question about the network that is shown and its study.

    facts: network, study and the parameters of questions that are known. One that is not known is
    left as ``$name``, to be written by hand.

    >>> example_sql("Where is the flow strongest?", {"study": "mine"}).splitlines()[1]
    "from optimal_k where study = 'mine' and convention = 'directed' and start = 'hidden'"
    """
    if key in page_questions():
        sql = page_questions()[key]
        if facts.get("network"):
            sql = IN_NETWORK.sub(lambda _: literal(facts["network"]), sql)
        return IN_STUDY.sub(lambda _: literal(facts.get("study")), sql)
    (file,) = (one for one in all_questions() if one.name == key)
    if file.parameters.keys() <= facts.keys():
        return question_sql(key, {name: facts[name] for name in file.parameters})
    known = file.parameters.keys() & facts.keys()
    return re.sub(
        r"\$(\w+)",
        lambda found: literal(facts[found[1]]) if found[1] in known else found[0],
        file.statement,
    )
