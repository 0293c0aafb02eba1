"""Renders a page out of a template, with the headers that keep it from being framed, scripted or leaked."""

from collections.abc import Sequence
from pathlib import Path

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(template: str, *, status: int = 200, form_targets: Sequence[str] = (), **values: object) -> HTMLResponse:
    """`form_targets` are origins that the answer to a form on the page may redirect to, beside our own."""
    html = _TEMPLATES.get_template(template).render(values)
    return HTMLResponse(html, status, headers=_headers(form_targets))


def _headers(form_targets: Sequence[str]) -> dict[str, str]:
    policy = {
        "default-src": "'none'",
        "style-src": "'self'",
        "img-src": "'self'",
        # Browsers hold a form's redirects to this too (CSP 3 §6.4.1).
        "form-action": " ".join(("'self'", *form_targets)),
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
