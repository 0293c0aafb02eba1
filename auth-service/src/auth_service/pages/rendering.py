"""Renders a page out of a template. No page tells the next one its address, which may have a token in it."""

from collections.abc import Sequence
from pathlib import Path

from fastapi.responses import HTMLResponse

from strongroom.web.html import page_headers, templates

_TEMPLATES = templates(Path(__file__).parent / "templates")


def page(template: str, *, status: int = 200, form_targets: Sequence[str] = (), **values: object) -> HTMLResponse:
    """`form_targets` are origins that the answer to a form on the page may redirect to, beside our own."""
    html = _TEMPLATES.get_template(template).render(values)
    headers = {**page_headers("'self'", form_targets), "Referrer-Policy": "no-referrer"}
    return HTMLResponse(html, status, headers=headers)
