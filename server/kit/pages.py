"""The web app's files and the headers that keep a page from talking to anyone else."""

from __future__ import annotations

from pathlib import Path

from apiflask import APIBlueprint
from flask import Flask, Response, current_app, render_template, request, send_from_directory

from server.kit.errors import NotFound
from server.kit.lan import authority_path

# WebAssembly of our own reads QR codes; 'wasm-unsafe-eval' allows that and no evaluated script.
CSP = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
UNCHANGING = "public, max-age=31536000, immutable"

bp = APIBlueprint("pages", __name__, enable_openapi=False, template_folder="templates")


@bp.get("/api/docs")
def docs() -> str:
    """The API, readable without script."""
    return render_template("api_docs.html", spec=current_app.spec)  # type: ignore[attr-defined]  # APIFlask's


@bp.get("/api-docs.css")
def docs_style() -> Response:
    """The style of the API's page: it works before the web app is built."""
    return send_from_directory(Path(__file__).parent / "static", "api-docs.css")


@bp.get("/linli-ca.crt")
def authority() -> Response:
    """The certificate authority that a phone on the local network has to trust; nowhere else."""
    settings = current_app.extensions["linli"].settings
    path = authority_path(settings.home)
    if not (settings.is_lan and path.is_file()):
        raise NotFound("http.not_found")
    return send_from_directory(path.parent, path.name, mimetype="application/x-x509-ca-cert")


@bp.get("/")
@bp.get("/<path:path>")
def page(path: str = "") -> Response:
    """A built file, or the app's single page for every address that it draws itself."""
    if path.startswith(("api/", "socket.io")):
        raise NotFound("http.not_found")
    dist: Path = current_app.extensions["linli"].settings.web_dist
    if path and (dist / path).is_file():
        return _file(dist, path)
    if Path(path).suffix:
        raise NotFound("http.not_found")
    if not (dist / "index.html").is_file():
        return Response(
            "The web pages are not built yet: run make install.\n", status=503, mimetype="text/plain"
        )
    return _file(dist, "index.html")


def install_headers(app: Flask) -> None:
    """Set the security headers on every answer."""

    @app.after_request
    def secure(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", CSP)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "no-referrer")
        headers.setdefault("Permissions-Policy", "camera=(self), geolocation=(self), microphone=()")
        if request.path.startswith("/api/"):
            headers.setdefault("Cache-Control", "no-store")
        settings = app.extensions["linli"].settings
        # Not on a local network: a name like localhost would be held to HTTPS long after.
        if settings.is_https and not settings.is_lan:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response


def _file(dist: Path, path: str) -> Response:
    # The build puts a compressed copy beside each text file; sending it costs nothing here.
    packed = (dist / f"{path}.gz").is_file() and "gzip" in request.headers.get("Accept-Encoding", "")
    response = send_from_directory(dist, f"{path}.gz" if packed else path, conditional=not packed)
    if packed:
        plain = send_from_directory(dist, path)
        response.mimetype = plain.mimetype or "application/octet-stream"
        plain.close()
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = UNCHANGING if path.startswith("assets/") else "no-cache"
    return response
