"""Views that the questions of one page read again and again: computed once, for all of them.

What is kept is a temporary table of the reader's own connection, in memory, under the name of its
view: SQL that names the view reads the table, and runs elsewhere as it stands. The file is as it
was. Views of points are not kept: they are large, and a page asks for a part of one at a time.
"""

from collections import Counter
from contextlib import suppress

import duckdb

from geoflow.store._sandbox import STORE
from geoflow.store._sqlfiles import named_relations, relations

ASKED = {"reports": 1}
"""How often a view of a folder is asked for until it is kept: reports read all networks anyway."""

ASKED_ELSE = 2


class KeptViews:
    """What a connection keeps of views, and how often each was asked for."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.asked: Counter[str] = Counter()
        self.folders = {
            file.name: file.folder
            for file in relations()
            if file.kind == "view" and "point" not in file.columns
        }

    def keep(self, sql: str) -> None:
        """Keep the views that a statement reads, if they have been asked for often enough."""
        for name in named_relations(sql) & self.folders.keys():
            self.asked[name] += 1
            if self.asked[name] == ASKED.get(self.folders[name], ASKED_ELSE):
                with suppress(duckdb.OutOfMemoryException):  # then it is computed each time
                    self.connection.execute(f"create temp table {name} as from {STORE}.main.{name}")
