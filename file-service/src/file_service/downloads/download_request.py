"""What a client asks for of a file's bytes."""

from dataclasses import dataclass
from typing import Self

from starlette.datastructures import Headers

from file_service.conditions import ReadConditions
from file_service.downloads.errors import NotCode

# What a browser runs, or styles a page with (Fetch standard §2.2.5). No page can set the field that says it.
_CODE = {"audioworklet", "paintworklet", "script", "serviceworker", "sharedworker", "style", "worker", "xslt"}


@dataclass(frozen=True, slots=True)
class DownloadRequest:
    """`ranges` is the `Range` as it came, `inline` whether the client would rather show than save."""

    method: str
    conditions: ReadConditions
    ranges: str | None
    inline: bool

    @classmethod
    def of(cls, method: str, headers: Headers, *, inline: bool) -> Self:
        """Raises NotCode (W3C Fetch Metadata §2): the console is at the same origin, and trusts what comes from it."""
        if headers.get("sec-fetch-dest") in _CODE and headers.get("sec-fetch-site") == "same-origin":
            raise NotCode
        # A list may come in several lines (RFC 9110 §5.3). Two ranges so joined are malformed, as they should be.
        lines: dict[str, list[str]] = {}
        for name, value in headers.items():
            lines.setdefault(name, []).append(value)
        joined = {name: ", ".join(values) for name, values in lines.items()}
        return cls(method, ReadConditions.of(joined), joined.get("range"), inline)
