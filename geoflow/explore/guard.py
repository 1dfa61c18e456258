"""Who may ask: a browser on this machine, of a page that this server sent.

A page of somebody else can make a browser send requests here, under a name of its own that it
points at this machine: the name is in the header Host, and where the request comes from in Origin
and Sec-Fetch-Site.
"""

from flask import Flask, Response, abort, request

LOOPBACK = "127.0.0.1"
NAMES = (LOOPBACK, "localhost")


def guard(server: Flask, port: int | None) -> None:
    """Refuse requests under other names, or from other pages, and tell browsers to go nowhere else.

    port: None where it is not known yet; any port of this machine will do.
    """

    @server.before_request
    def refuse_strangers() -> None:
        name, _, asked = request.host.partition(":")
        if name not in NAMES or (port is not None and asked != str(port)):
            abort(403, "this page is served to this machine alone: open it at the address printed")
        origin = request.headers.get("Origin")
        if origin is not None and origin != f"http://{request.host}":
            abort(403, "another page may not ask")
        if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            abort(403, "another page may not ask")

    @server.after_request
    def add_headers(response: Response) -> Response:
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        return response
