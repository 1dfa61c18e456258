"""Serves the page to this machine until it is told to stop."""

import logging
import socket
import threading
import webbrowser
from collections.abc import Callable
from pathlib import Path

from dash import Dash
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from geoflow.errors import SpecError
from geoflow.explore.application import create_app
from geoflow.explore.graphnetwork import prepare_layouts
from geoflow.explore.guard import LOOPBACK, guard
from geoflow.explore.runs import Runs
from geoflow.store.results import open as open_store


class QuietHandler(WSGIRequestHandler):
    """Says nothing of single requests, and nothing of what it runs on."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """Keep still."""

    def version_string(self) -> str:
        """Return what the header Server says."""
        return "geoflow"


class PageServer(ThreadedWSGIServer):
    """Serves one application, a thread a request, and ends what runs for it when it closes."""

    def __init__(self, app: Dash, port: int) -> None:
        self.runs: Runs = app.server.extensions["geoflow_runs"]
        with socket.create_server((LOOPBACK, port)) as bound:
            port = bound.getsockname()[1]
            super().__init__(LOOPBACK, port, app.server, QuietHandler, fd=bound.fileno())

    def server_close(self) -> None:
        """Take no more requests and end every query."""
        super().server_close()
        self.runs.close()


def served(path: Path | str, port: int | None = None) -> PageServer:
    """Return a server of the page over a store, bound to this machine alone.

    port: None for a free one. Raises StoreError where there is no store, SpecError where the port
    is taken.
    """
    open_store(path)
    app = create_app(path)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    try:
        server = PageServer(app, port or 0)
    except (OSError, OverflowError) as error:
        raise SpecError(
            f"cannot serve at port {port} ({error}): leave --port out for a free one"
        ) from None
    guard(app.server, server.port, app.csp_hashes())
    return server


def serve(
    path: Path | str,
    port: int | None = None,
    open_browser: bool = True,
    tell: Callable[[str], None] = print,
) -> None:
    """Serve the page over a store until Ctrl-C; ``tell`` is given its address."""
    server = served(path, port)
    where = f"http://{LOOPBACK}:{server.port}/"
    tell(where)
    threading.Thread(target=prepare_layouts, daemon=True).start()
    if open_browser:
        threading.Thread(target=webbrowser.open, args=[where], daemon=True).start()
    try:
        server.serve_forever(poll_interval=0.1)
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()
