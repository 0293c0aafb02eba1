"""Which of the media types on offer a client takes, and which it wants most (RFC 9110 §12.5.1)."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from strongroom.errors import AppError


class NotAcceptable(AppError):
    """RFC 9110 §15.5.7."""

    status: ClassVar[int] = 406
    slug = "not-acceptable"
    title = "It is not to be had in any type that you take"


def acceptable(accept: str | None, offers: Sequence[str]) -> list[str]:
    """Those of the offers that will do, what is wanted most first, and of equals what is offered first.

    Without a header all will do. Parameters of media types are not looked at. Raises NotAcceptable where none will do.
    """
    if not (accept or "").strip():
        return list(offers)
    wanted = weights(accept)
    taken = [offer for offer in offers if _weight(wanted, offer) > 0]
    if not taken:
        raise NotAcceptable(f"There is {', '.join(offers)}")
    return sorted(taken, key=lambda offer: -_weight(wanted, offer))


def weights(accept: str | None) -> Mapping[str, float]:
    """How much each of the media types and ranges is wanted that a header names, from 0 to 1."""
    wanted: dict[str, float] = {}
    for element in (accept or "").lower().split(","):
        kind, *parameters = (part.strip() for part in element.split(";"))
        quality = next((one.removeprefix("q=") for one in parameters if one.startswith("q=")), "1")
        try:
            weight = min(max(float(quality), 0.0), 1.0)
        except ValueError:
            weight = 0.0
        wanted[kind] = max(weight, wanted.get(kind, 0.0))
    return wanted


def _weight(wanted: Mapping[str, float], offer: str) -> float:
    """What is said of the type itself counts before what is said of all like it."""
    for named in (offer, f"{offer.partition('/')[0]}/*", "*/*"):
        if named in wanted:
            return wanted[named]
    return 0.0
