"""Who may ask: a browser on this machine, of a page that this server sent.

A page of somebody else can make a browser send requests here, under a name of its own that it
points at this machine: the name is in the header Host, and where the request comes from in Origin
and Sec-Fetch-Site.
"""

from collections.abc import Sequence

from flask import Flask, Response, abort, request

LOOPBACK = "127.0.0.1"
NAMES = (LOOPBACK, "localhost")


LOADED = {
    "default-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "connect-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "object-src": "'none'",
}
"""What a browser may load: nothing but what this server sends, and no script in a page."""


def guard(server: Flask, port: int | None, scripts: Sequence[str] = ()) -> None:
    """Refuse requests under other names, or from other pages, and tell browsers to go nowhere else.

    port: None where it is not known yet; any port of this machine will do. scripts: hashes of the
    scripts that stand in the page itself.
    """
    rules = LOADED | {"script-src": " ".join(["'self'", *scripts])}
    policy = "; ".join(f"{name} {value}" for name, value in rules.items())

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
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        return response
