"""Tells people from programs: a browser names `text/html` first, a program does not (RFC 9110 §12.5.1)."""

_PAGE = "text/html"


def prefers_page(accept: str | None) -> bool:
    """Whether `text/html` is named, and nothing is wanted more."""
    weights = [_weighed(one) for one in (accept or "").lower().split(",")]
    page = max((weight for kind, weight in weights if kind == _PAGE), default=0.0)
    return page > 0 and page >= max(weight for _, weight in weights)


def _weighed(element: str) -> tuple[str, float]:
    kind, *parameters = (part.strip() for part in element.split(";"))
    quality = next((one.removeprefix("q=") for one in parameters if one.startswith("q=")), "1")
    try:
        return kind, min(max(float(quality), 0.0), 1.0)
    except ValueError:
        return kind, 0.0
