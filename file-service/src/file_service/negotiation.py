"""Which of the media types on offer a client wants most (RFC 9110 §12.5.1)."""

from collections.abc import Mapping, Sequence


def preferred(accept: str | None, offers: Sequence[str]) -> str | None:
    """One of the offers, of equals the one that is offered first; None where none will do. Without a header, the first.

    Parameters of media types are not looked at.
    """
    if not (accept or "").strip():
        return offers[0]
    weights = _weights(accept or "")
    best = max(offers, key=lambda offer: _weight(weights, offer))
    return best if _weight(weights, best) > 0 else None


def _weights(accept: str) -> Mapping[str, float]:
    weights: dict[str, float] = {}
    for element in accept.lower().split(","):
        kind, *parameters = (part.strip() for part in element.split(";"))
        quality = next((one.removeprefix("q=") for one in parameters if one.startswith("q=")), "1")
        try:
            weights[kind] = min(max(float(quality), 0.0), 1.0)
        except ValueError:
            weights[kind] = 0.0
    return weights


def _weight(weights: Mapping[str, float], offer: str) -> float:
    """What is said of the type itself counts before what is said of all like it."""
    for named in (offer, f"{offer.partition('/')[0]}/*", "*/*"):
        if named in weights:
            return weights[named]
    return 0.0
