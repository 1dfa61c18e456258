"""What SQL makes of points is kept in tables: written with its networks, made anew with its views.

The view ``computed_...`` says how, the table of the rest of its name keeps what came of it. Each
reads those before it. For a few networks of many the statements of the views are run on the rows of
these networks alone: a filter on a view does not reach the curvatures of points, the largest table.
What is made of neighbours is filtered by layer or network, a part of them at a time.
"""

from collections.abc import Iterable, Sequence

import duckdb

from geoflow.store._sqlfiles import sql_files

OF_LAYERS = ("twonn_dimensions", "neighborhoods")
OF_NEIGHBORS = (*OF_LAYERS, "layer_overlaps")
OF_CURVATURES = ("point_coefficients", "layer_coefficients")
CORRELATED = "network_correlations"
DERIVED = (*OF_NEIGHBORS, *OF_CURVATURES, CORRELATED)

AT_ONCE = 20
"""Networks whose neighbours are looked at together."""

GRAPHS_OF = (
    "select graph_id from graphs join layers using (layer_id) where network_id in $keys"
    " or (network_id is null and dataset_id in"
    " (select dataset_id from networks where network_id in $keys))"
)
"""The graphs of networks, and those of the inputs of their data sets."""


LAYERS_OF = (
    "select layer_id, network_id is null from layers where network_id in $keys"
    " or (network_id is null and dataset_id in"
    " (select dataset_id from networks where network_id in $keys)) order by layer_id"
)
"""The layers of networks, and the inputs of their data sets."""


def derive(connection: duckdb.DuckDBPyConnection, networks: Iterable[int]) -> None:
    """Keep what is computed of networks that have none of it yet, by their keys."""
    keys = sorted(networks)
    if not keys:
        return
    derive_of_neighbors(connection, keys)
    graphs = connection.sql(GRAPHS_OF, params={"keys": keys}).fetchall()
    near = where_in("network_id", keys)
    rows = {
        "point_curvatures": f"graph_id in ({in_list(key for (key,) in graphs)})",
        "expansions": near,
        "network_graphs": near,
    }
    alone = [f"{name} as (from main.{name} where {which})" for name, which in rows.items()]
    alone.append(f"point_flow as ({statement('point_flow')})")
    for table in OF_CURVATURES:
        if graphs:
            of_them = ", ".join([*alone, f"kept as ({statement(f'computed_{table}')})"])
            connection.execute(f"insert into {table} by name with {of_them} from kept")
    connection.execute(f"insert into {CORRELATED} by name from computed_{CORRELATED} where {near}")


def derive_of_neighbors(connection: duckdb.DuckDBPyConnection, keys: Sequence[int]) -> None:
    """Keep what is computed of the neighbours of networks; of their inputs it is made anew.

    The input of a data set may have got more neighbours, or be asked for at another k.
    """
    if len(keys) > AT_ONCE:  # no table of all neighbours at once
        for start in range(0, len(keys), AT_ONCE):
            derive_of_neighbors(connection, keys[start : start + AT_ONCE])
        return
    found = connection.sql(LAYERS_OF, params={"keys": keys}).fetchall()
    inputs = [layer_id for layer_id, is_input in found if is_input]
    for table in OF_LAYERS if found else ():
        if inputs:
            connection.execute(f"delete from {table} where layer_id in ({in_list(inputs)})")
        own = where_in("layer_id", [layer_id for layer_id, _ in found])
        connection.execute(f"insert into {table} by name from computed_{table} where {own}")
    overlaps, near = "computed_layer_overlaps", where_in("network_id", keys)
    connection.execute(f"insert into layer_overlaps by name from {overlaps} where {near}")


def derive_all(connection: duckdb.DuckDBPyConnection) -> None:
    """Keep what is computed of every network, in place of what was kept."""
    for table in DERIVED:
        connection.execute(f"delete from {table}")
    every = "select network_id from networks where status <> 'failed' order by network_id"
    derive_of_neighbors(connection, [key for (key,) in connection.sql(every).fetchall()])
    for table in (*OF_CURVATURES, CORRELATED):
        connection.execute(f"insert into {table} by name from computed_{table}")


def where_in(key: str, keys: Sequence[int]) -> str:
    """Return in SQL that a key is one of some in order; its range alone skips blocks of a table.

    >>> where_in("layer_id", [2, 5])
    'layer_id between 2 and 5 and layer_id in (2, 5)'
    """
    return f"{key} between {keys[0]} and {keys[-1]} and {key} in ({in_list(keys)})"


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
