"""Serves the page to this machine until it is told to stop."""

import logging
import threading
import webbrowser
from collections.abc import Callable
from pathlib import Path

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from geoflow.errors import SpecError
from geoflow.explore.application import create_app
from geoflow.explore.graphnetwork import prepare_layouts
from geoflow.explore.guard import LOOPBACK, guard
from geoflow.store.results import open as open_store


class QuietHandler(WSGIRequestHandler):
    """Says nothing of single requests, and nothing of what it runs on."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """Keep still."""

    def version_string(self) -> str:
        """Return what the header Server says."""
        return "geoflow"


def served(path: Path | str, port: int | None = None) -> BaseWSGIServer:
    """Return a server of the page over a store, bound to this machine alone.

    port: None for a free one. Raises StoreError where there is no store, SpecError where the port
    is taken.
    """
    open_store(path)
    app = create_app(path)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    try:
        server = make_server(
            LOOPBACK, port or 0, app.server, threaded=True, request_handler=QuietHandler
        )
    except (OSError, OverflowError, SystemExit) as error:
        raise SpecError(
            f"cannot serve at port {port} ({error}): leave --port out for a free one"
        ) from None
    guard(app.server, server.server_port, app.csp_hashes())
    return server


def serve(
    path: Path | str,
    port: int | None = None,
    open_browser: bool = True,
    tell: Callable[[str], None] = print,
) -> None:
    """Serve the page over a store until Ctrl-C; ``tell`` is given its address."""
    server = served(path, port)
    where = f"http://{LOOPBACK}:{server.server_port}/"
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
