"""The store: one DuckDB file. The only package that imports duckdb."""

from geoflow.store.connection import PATIENCE_SECONDS, refuse_no_place
from geoflow.store.damage import refuse_damaged
from geoflow.store.faults import HeldStoreError
from geoflow.store.layerrows import InputOutgrownError
from geoflow.store.migrations import make_ready, migrate
from geoflow.store.reader import holding, query
from geoflow.store.writer import Writer

__all__ = [
    "PATIENCE_SECONDS",
    "HeldStoreError",
    "InputOutgrownError",
    "Writer",
    "holding",
    "make_ready",
    "migrate",
    "query",
    "refuse_damaged",
    "refuse_no_place",
]
