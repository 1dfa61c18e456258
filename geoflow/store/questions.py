"""Questions: queries with parameters, one a file of ``sql/questions``; reports ask them by name."""

import re
from collections.abc import Mapping
from typing import Any

from geoflow.errors import SpecError, unknown
from geoflow.store._sqlfiles import SqlFile, sql_files
from geoflow.text.literal import literal


def question(name: str) -> SqlFile:
    """Return a question by its name, its ``parameters`` with what they mean."""
    files = {file.name: file for file in sql_files("questions")}
    if name not in files:
        raise unknown("question", name, files, "see sql/questions")
    return files[name]


def question_sql(name: str, parameters: Mapping[str, Any]) -> str:
    """Return the SQL of a question with its parameters filled in: it runs as it stands.

    >>> question_sql("snapshot_series", {"study": "it's"}).splitlines()[2]
    "where study = 'it''s' and status <> 'failed' and final_id is not null"
    """
    file = question(name)
    if parameters.keys() != file.parameters.keys():
        raise SpecError(
            f"question '{name}' takes {', '.join(file.parameters)}, not {', '.join(parameters)}"
        )
    return re.sub(r"\$(\w+)", lambda found: literal(parameters[found[1]]), file.statement)
