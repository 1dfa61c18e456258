"""The store: one DuckDB file. The only package that imports duckdb."""

from geoflow.store._damage import refuse_damaged
from geoflow.store._faults import HeldStoreError
from geoflow.store._layerrows import InputOutgrownError
from geoflow.store._migrations import make_ready, migrate
from geoflow.store._reader import holding, query
from geoflow.store._writer import Writer
from geoflow.store.connection import PATIENCE_SECONDS, refuse_no_place

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
