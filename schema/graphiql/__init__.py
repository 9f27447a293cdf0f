"""The GraphiQL playground: the page a browser sees at the GraphQL endpoint, and the files that page loads.

`build.mjs` bundles GraphiQL into `settings.GRAPHIQL_ASSETS`. Where nobody ran it (it needs npm) a plain query box
takes the playground's place, so the endpoint can always be explored.
"""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template import Context, Engine
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

HERE = Path(__file__).resolve().parent
EXAMPLES = HERE.parent / "examples"

CONTENT_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
ASSET_NAME = re.compile(r"[\w-]+(\.[\w-]+)*\.(js|css)", re.ASCII)
HASHED_NAME = re.compile(r".+-[A-Z0-9]{8}\.(js|css)", re.ASCII)

_templates = Engine(dirs=[str(HERE / "templates")])


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show the playground with the example operations as its first tabs, or the plain query box if it is not built."""
    assets = f"{request.path.rstrip('/')}/assets/"
    manifest = _manifest()
    if manifest is None:
        template, script, style, workers = "fallback.html", "fallback.js", "fallback.css", {}
    else:
        template, script, style, workers = "index.html", manifest["script"], manifest["style"], manifest["workers"]
    context = {
        "shop": settings.SHOP_NAME,
        "endpoint": request.build_absolute_uri(request.path),
        "script": assets + script,
        "style": assets + style,
        "data": {
            "shop": settings.SHOP_NAME,
            "examples": examples(),
            "stream": settings.STREAM_URL,
            "workers": {label: assets + file for label, file in workers.items()},
        },
    }
    response = HttpResponse(_templates.get_template(f"graphiql/{template}").render(Context(context)))
    response["Content-Security-Policy"] = _content_security_policy()
    response["Cache-Control"] = "no-cache"
    patch_vary_headers(response, ["Accept"])  # the same address answers programs with JSON
    return response


@require_safe
def asset(request: HttpRequest, path: str) -> HttpResponse:
    """Serve one file of the playground, from the build or from this folder's plain query box.

    Both are flat, so a path that leads into or out of a folder is no asset's name.
    """
    if not ASSET_NAME.fullmatch(path):
        raise Http404(path)
    file = HERE / path if path in {"fallback.js", "fallback.css"} else Path(settings.GRAPHIQL_ASSETS) / path
    packed = file.with_name(f"{path}.gz")
    is_packed = "gzip" in request.headers.get("Accept-Encoding", "") and packed.is_file()
    try:
        content = (packed if is_packed else file).read_bytes()
    except OSError as missing:
        raise Http404(path) from missing

    response = HttpResponse(content, content_type=CONTENT_TYPES[file.suffix])
    if is_packed:
        response["Content-Encoding"] = "gzip"
    patch_vary_headers(response, ["Accept-Encoding"])
    response["Cache-Control"] = "public, max-age=31536000, immutable" if HASHED_NAME.fullmatch(path) else "no-cache"
    return response


def examples() -> list[dict[str, str | None]]:
    """The operations in `schema/examples`, in the order of their names, as GraphiQL's tabs want them."""
    return [
        {
            "query": document.read_text(encoding="utf-8"),
            "variables": _text(document.with_suffix(".variables.json")),
            "headers": _text(document.with_suffix(".headers.json")),
        }
        for document in sorted(EXAMPLES.glob("*.graphql"))
    ]


def _content_security_policy() -> str:
    # Monaco writes its styles into the page while one types; everything else comes from our own files. Subscriptions
    # may be answered by another port of the same host.
    stream = urlsplit(settings.STREAM_URL)
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self' 'unsafe-inline'",
            "font-src 'self' data:",
            "img-src 'self' data:",
            f"connect-src 'self' {stream.scheme}://{stream.netloc}",
            "worker-src 'self' blob:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


def _text(file: Path) -> str | None:
    return file.read_text(encoding="utf-8") if file.is_file() else None


def _manifest() -> dict[str, Any] | None:
    """What the build calls its files, or None where there is no build."""
    try:
        manifest: dict[str, Any] = json.loads((Path(settings.GRAPHIQL_ASSETS) / "manifest.json").read_bytes())
    except FileNotFoundError:
        return None
    return manifest
