"""The store: one DuckDB file. The only package that imports duckdb."""

from geoflow.store.reader import query
from geoflow.store.schema import refuse_no_folder
from geoflow.store.writer import Writer, covered

__all__ = ["Writer", "covered", "query", "refuse_no_folder"]
