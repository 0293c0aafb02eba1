"""Renders a page out of a template, with the headers that keep it from being framed, scripted, kept or leaked."""

import base64
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

_HERE = Path(__file__).parent
_TEMPLATES = Environment(
    loader=FileSystemLoader(_HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
# In the page itself, so that it is one request; the policy lets in this style sheet and no other.
_STYLE = (_HERE / "style.css").read_text()
_STYLE_HASH = base64.b64encode(sha256(_STYLE.encode()).digest()).decode()
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def render(
    template: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **values: object
) -> HTMLResponse:
    html = _TEMPLATES.get_template(template).render(values, style=Markup(_STYLE))  # noqa: S704 - it is our own
    return HTMLResponse(html, status, headers={**_HEADERS, **(headers or {})})
