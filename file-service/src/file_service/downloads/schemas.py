"""Downloads on the wire: how a request is read, and how requests and answers are documented."""

from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Request

from file_service.downloads.download_request import DownloadRequest

Disposition = Annotated[
    Literal["attachment", "inline"],
    Query(description="`inline` shows pictures, audio, video, plain text and PDF; all else is saved"),
]
Number = Annotated[int | None, Query(ge=1, le=2**31 - 1, description="Left out: the current version")]


async def _wanted(request: Request, disposition: Disposition = "attachment") -> DownloadRequest:
    return DownloadRequest.of(request.method, request.headers, inline=disposition == "inline")


Wanted = Annotated[DownloadRequest, Depends(_wanted)]

_TEXT = {"type": "string"}
_CONDITIONS = {
    "If-Match": "412 unless one of these is the file's ETag",
    "If-None-Match": "304 if one of these is the file's ETag",
    "If-Modified-Since": "304 if the file is not newer; counts only without `If-None-Match`",
    "If-Unmodified-Since": "412 if the file is newer; counts only without `If-Match`",
}
_RANGES = {
    "Range": "`bytes=0-99`, `bytes=-100`, `bytes=0-9,50-59`; of more than 16 parts the whole file is the answer",
    "If-Range": "The ETag or date that the client's part is of; the `Range` counts only if that is still current",
}
_FRESHNESS = {
    "ETag": "Strong: the SHA-256 of the bytes",
    "Last-Modified": "When this version came",
    "Cache-Control": "`private, no-cache`",
    "Content-Disposition": "The name (RFC 6266)",
}
_WHOLE = _FRESHNESS | {
    "Accept-Ranges": "`bytes`",
    "Content-Length": "In bytes",
    "Repr-Digest": "Of the whole file (RFC 9530)",
}
_PART = _WHOLE | {"Content-Range": "Which bytes, of how many; with several parts it is in each of them"}


def _headers(described: dict[str, str]) -> dict[str, Any]:
    return {name: {"description": text, "schema": _TEXT} for name, text in described.items()}


def _parameters(described: dict[str, str]) -> dict[str, Any]:
    listed = [
        {"name": name, "in": "header", "required": False, "schema": _TEXT, "description": text}
        for name, text in described.items()
    ]
    return {"parameters": listed}


_BYTES = {"schema": {"type": "string", "format": "binary"}}
_UNCHANGED: dict[int | str, dict[str, Any]] = {
    304: {"description": "The client has it already", "headers": _headers(_FRESHNESS)},
    404: {"description": "No such file or version"},
    412: {"description": "It is not what `If-Match` or `If-Unmodified-Since` want"},
}

# For the operations that answer with a file's bytes: `responses=` and `openapi_extra=`.
HEAD_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"description": "What a GET would say", "headers": _headers(_WHOLE)},
    **_UNCHANGED,
}
HEAD_PARAMETERS = _parameters(_CONDITIONS)
GET_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The whole file", "headers": _headers(_WHOLE), "content": {"*/*": _BYTES}},
    206: {
        "description": "The part, or several as `multipart/byteranges`",
        "headers": _headers(_PART),
        "content": {"*/*": _BYTES, "multipart/byteranges": _BYTES},
    },
    **_UNCHANGED,
    416: {
        "description": "Nothing of the range lies in the file",
        "headers": _headers({"Content-Range": "`bytes */` and the file's size"}),
    },
}
GET_PARAMETERS = _parameters(_CONDITIONS | _RANGES)
