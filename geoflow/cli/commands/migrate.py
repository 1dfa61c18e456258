"""``geoflow migrate``: a store of an earlier geoflow."""

from pathlib import Path

import click

from geoflow.cli import options
from geoflow.cli.output import answer


@click.command()
@options.db
def migrate(db: Path) -> None:
    """Bring a store of an earlier geoflow up to this one, all of it or nothing.

    Rows stay as they are; new columns are NULL in them. What writes to a store brings it up too.

    \b
    Example:  geoflow migrate --db geoflow.duckdb
    """
    from geoflow.store import migrate as migrate_store
    from geoflow.store.schema import SCHEMA_VERSION

    before = migrate_store(db)
    if before < SCHEMA_VERSION:
        answer(f"{db} has schema version {SCHEMA_VERSION} now, it had {before}")
    else:
        answer(f"{db} has schema version {before}: there was nothing to bring up")
