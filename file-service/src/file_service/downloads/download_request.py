"""What a client asks for of a file's bytes."""

from dataclasses import dataclass
from typing import Self

from starlette.datastructures import Headers

from file_service.conditions import ReadConditions


@dataclass(frozen=True, slots=True)
class DownloadRequest:
    """`ranges` is the `Range` as it came, `inline` whether the client would rather show than save."""

    method: str
    conditions: ReadConditions
    ranges: str | None
    inline: bool

    @classmethod
    def of(cls, method: str, headers: Headers, *, inline: bool) -> Self:
        # A list may come in several lines (RFC 9110 §5.3). Two ranges so joined are malformed, as they should be.
        lines: dict[str, list[str]] = {}
        for name, value in headers.items():
            lines.setdefault(name, []).append(value)
        joined = {name: ", ".join(values) for name, values in lines.items()}
        return cls(method, ReadConditions.of(joined), joined.get("range"), inline)
