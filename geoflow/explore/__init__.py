"""The explorer: a page over a store, served to this machine alone."""

from geoflow.explore.application import create_app
from geoflow.explore.server import serve

__all__ = ["create_app", "serve"]
