"""Which of the media types on offer a client takes, and which it wants most (RFC 9110 §12.5.1)."""

from collections.abc import Mapping, Sequence


def acceptable(accept: str | None, offers: Sequence[str]) -> list[str]:
    """Those of the offers that will do, what is wanted most first, and of equals what is offered first.

    Without a header all will do. Parameters of media types are not looked at.
    """
    if not (accept or "").strip():
        return list(offers)
    weights = _weights(accept or "")
    wanted = [offer for offer in offers if _weight(weights, offer) > 0]
    return sorted(wanted, key=lambda offer: -_weight(weights, offer))


def preferred(accept: str | None, offers: Sequence[str]) -> str | None:
    """The one that is wanted most; None where none will do."""
    return next(iter(acceptable(accept, offers)), None)


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
