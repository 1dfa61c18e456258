"""What SQL makes of points is kept in tables: written with its networks, made anew with its views.

The view ``computed_...`` says how, the table of the rest of its name keeps what came of it. Each
reads those before it. For a few networks of many the statements of the views are run on the rows of
these networks alone: a filter on a view does not reach the curvatures of points, the largest table.
"""

from collections.abc import Iterable

import duckdb

from geoflow.store._sqlfiles import sql_files

DERIVED = ("point_coefficients", "layer_coefficients", "network_correlations")

GRAPHS_OF = (
    "select graph_id from graphs join layers using (layer_id) where network_id in $keys"
    " or (network_id is null and dataset_id in"
    " (select dataset_id from networks where network_id in $keys))"
)
"""The graphs of networks, and those of the inputs of their data sets."""


def derive(connection: duckdb.DuckDBPyConnection, networks: Iterable[int]) -> None:
    """Keep what is computed of networks that have none of it yet, by their keys."""
    keys = sorted(networks)
    if not keys:
        return
    graphs = connection.sql(GRAPHS_OF, params={"keys": keys}).fetchall()
    near = f"network_id between {keys[0]} and {keys[-1]} and network_id in ({in_list(keys)})"
    rows = {
        "point_curvatures": f"graph_id in ({in_list(key for (key,) in graphs)})",
        "expansions": near,
        "network_graphs": near,
    }
    alone = [f"{name} as (from main.{name} where {which})" for name, which in rows.items()]
    alone.append(f"point_flow as ({statement('point_flow')})")
    for table in DERIVED[:2]:
        if graphs:
            of_them = ", ".join([*alone, f"kept as ({statement(f'computed_{table}')})"])
            connection.execute(f"insert into {table} by name with {of_them} from kept")
    connection.execute(f"insert into {DERIVED[2]} by name from computed_{DERIVED[2]} where {near}")


def derive_all(connection: duckdb.DuckDBPyConnection) -> None:
    """Keep what is computed of every network, in place of what was kept."""
    for table in DERIVED:
        connection.execute(f"delete from {table}")
        connection.execute(f"insert into {table} by name from computed_{table}")


def in_list(keys: Iterable[int]) -> str:
    """Return keys as SQL lists them.

    >>> in_list([1, 2])
    '1, 2'
    """
    return ", ".join(map(str, keys))


def statement(view: str) -> str:
    """Return the select that a view of ``sql/intermediate`` is made of.

    >>> statement("point_flow").startswith("with measured as (")
    True
    """
    (file,) = (one for one in sql_files("intermediate") if one.name == view)
    return file.statement.split(f"view {view} as\n", maxsplit=1)[1]
