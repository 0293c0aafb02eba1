"""Serves the console: the page itself always asked for anew, what it is made of kept for ever under its version."""

import re
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.console.assets import Asset, read
from strongroom.errors import NotFound
from strongroom.web.problems import render

# No inline code, no style attribute, no other host, and no text that becomes markup: a script that gets in has nowhere
# to begin and no host to send to. Files that people share are at this origin, too: the file service lets none of them
# be a script, and workers, which without a word of their own are allowed as scripts are, are not. Previews are blobs;
# films and sounds play from the file service's signed addresses.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self'; "
    "connect-src 'self'; worker-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
_PAGE = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": _POLICY,
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "X-Frame-Options": "DENY",
}
_REFUSED = re.compile(r"q=0(\.0{0,3})?")
_KEPT = {"Cache-Control": "public, max-age=31536000, immutable"}


class Console:
    def __init__(self) -> None:
        self._assets = read(Path(__file__).parent / "assets")

    def routes(self) -> list[Route]:
        return [Route("/", self._page), Route("/console/{version}/{name:path}", self._file)]

    async def _page(self, request: Request) -> Response:
        return _answer(request, self._assets.index, _PAGE)

    async def _file(self, request: Request) -> Response:
        """What belongs to another version is not found: the page that wants it is to be loaded anew."""
        asset = self._assets.files.get(request.path_params["name"])
        if asset is None or request.path_params["version"] != self._assets.version:
            return render(NotFound(headers={"Cache-Control": "no-store"}))
        return _answer(request, asset, _KEPT)


def _answer(request: Request, asset: Asset, more: dict[str, str]) -> Response:
    is_packed = _takes_gzip(request.headers.get("accept-encoding", ""))
    etag = f'{asset.etag[:-1]}-gzip"' if is_packed else asset.etag
    headers = {**more, "ETag": etag, "Vary": "Accept-Encoding"}
    if _names(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    if is_packed:
        headers["Content-Encoding"] = "gzip"
    body = asset.compressed if is_packed else asset.plain
    return Response(body, headers={**headers, "Content-Type": asset.content_type})


def _takes_gzip(accepted: str) -> bool:
    """RFC 9110 §12.5.3, as far as browsers use it."""
    for coding in accepted.split(","):
        name, _, weight = coding.partition(";")
        if name.strip().lower() == "gzip":
            return not _REFUSED.fullmatch(weight.strip())
    return False


def _names(known: str, etag: str) -> bool:
    return known.strip() == "*" or etag in {one.strip().removeprefix("W/") for one in known.split(",")}
