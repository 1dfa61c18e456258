"""The store: one DuckDB file. The only package that imports duckdb."""

from geoflow.store.connection import PATIENCE_SECONDS, HeldStoreError, refuse_no_place
from geoflow.store.damage import refuse_damaged
from geoflow.store.reader import holding, query
from geoflow.store.schema import refuse_no_folder
from geoflow.store.writer import Extent, InputOutgrownError, Writer, covered

__all__ = [
    "PATIENCE_SECONDS",
    "Extent",
    "HeldStoreError",
    "InputOutgrownError",
    "Writer",
    "covered",
    "holding",
    "query",
    "refuse_damaged",
    "refuse_no_folder",
    "refuse_no_place",
]
