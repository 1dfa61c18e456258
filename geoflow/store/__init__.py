"""The store: one DuckDB file. The only package that imports duckdb."""

from geoflow.store.connection import PATIENCE_SECONDS, refuse_no_place
from geoflow.store.damage import refuse_damaged
from geoflow.store.faults import HeldStoreError
from geoflow.store.layerrows import InputOutgrownError
from geoflow.store.migrations import migrate
from geoflow.store.provenance import typed
from geoflow.store.reader import query
from geoflow.store.schema import refuse_no_folder
from geoflow.store.writer import Writer

__all__ = [
    "PATIENCE_SECONDS",
    "HeldStoreError",
    "InputOutgrownError",
    "Writer",
    "migrate",
    "query",
    "refuse_damaged",
    "refuse_no_folder",
    "refuse_no_place",
    "typed",
]
