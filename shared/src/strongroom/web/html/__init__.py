"""Pages for people: how all of them look, and the headers that keep them from being framed, scripted or kept."""

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_HERE = Path(__file__).parent
STYLE = _HERE / "style.css"


def templates(folder: Path) -> Environment:
    """Those in `folder`, and the `page.html` that they extend, whose block `look` is for the style sheet."""
    return Environment(
        loader=FileSystemLoader([folder, _HERE]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page_headers(style: str, form_targets: Sequence[str] = ()) -> dict[str, str]:
    """`style` is what the policy lets in as a style sheet (CSP 3 §2.3.1), like `'self'`; nothing else is.

    `form_targets` are origins that the answer to a form on the page may redirect to, beside our own.
    """
    policy = {
        "default-src": "'none'",
        "style-src": style,
        # Browsers hold a form's redirects to this too (CSP 3 §6.4.1).
        "form-action": " ".join(("'self'", *form_targets)),
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
    # An app that opened the page in a window waits there for what the form leads back to; nobody else keeps hold of it.
    opener = "unsafe-none" if form_targets else "same-origin"
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "Cross-Origin-Opener-Policy": opener,
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
