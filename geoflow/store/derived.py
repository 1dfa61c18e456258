"""What SQL makes of points is kept in tables: written with its networks, made anew with its views.

The view ``computed_...`` says how, the table of the rest of its name keeps what came of it. Each
reads those before it.
"""

from collections.abc import Iterable

import duckdb

DERIVED = ("point_coefficients", "layer_coefficients", "network_correlations")


def derive(connection: duckdb.DuckDBPyConnection, networks: Iterable[int]) -> None:
    """Keep what is computed of networks that have none of it yet, by their keys."""
    keys = sorted(networks)
    if keys:
        of_them = f"network_id between {keys[0]} and {keys[-1]} and network_id in $keys"
        for table in DERIVED:
            connection.execute(
                f"insert into {table} by name from computed_{table} where {of_them}", {"keys": keys}
            )


def derive_all(connection: duckdb.DuckDBPyConnection) -> None:
    """Keep what is computed of every network, in place of what was kept."""
    for table in DERIVED:
        connection.execute(f"delete from {table}")
        connection.execute(f"insert into {table} by name from computed_{table}")
