"""Renders a page out of a template, with the style sheet in it, so that it is one request."""

import base64
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from fastapi.responses import HTMLResponse
from markupsafe import Markup

from strongroom.web.html import STYLE, page_headers, templates

_TEMPLATES = templates(Path(__file__).parent / "templates")
_STYLE = STYLE.read_text()
_STYLE_HASH = base64.b64encode(sha256(_STYLE.encode()).digest()).decode()
_HEADERS = page_headers(f"'sha256-{_STYLE_HASH}'")


def render(
    template: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **values: object
) -> HTMLResponse:
    html = _TEMPLATES.get_template(template).render(values, style=Markup(_STYLE))  # noqa: S704 - it is our own
    return HTMLResponse(html, status, headers={**_HEADERS, **(headers or {})})
