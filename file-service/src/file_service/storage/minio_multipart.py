"""The requests that S3's multipart uploads consist of."""

import asyncio
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

import structlog

from file_service.storage.multipart import SentPart
from file_service.storage.object_store import ObjectMissing, StoreUnavailable
from file_service.storage.parts import Part
from file_service.storage.signed_requests import SignedRequests

log = structlog.get_logger()


class MinioMultipart:
    """Of MultipartStore, what moves bytes."""

    def __init__(self, requests: SignedRequests) -> None:
        self._requests = requests

    async def begin(self, key: str) -> str:
        beginning = asyncio.ensure_future(self._begin(key))
        try:
            return await asyncio.shield(beginning)
        except asyncio.CancelledError:
            # The store may have begun it all the same, and nobody else will ever know its id.
            await asyncio.shield(self._undo(key, beginning))
            raise

    async def _undo(self, key: str, beginning: Awaitable[str]) -> None:
        with suppress(StoreUnavailable):
            await self.give_up(key, await beginning)

    async def give_up(self, key: str, upload_id: str) -> None:
        """Aborts it, for a reason that is to be told whatever comes of that."""
        try:
            await self.abort(key, upload_id)
        except Exception as error:
            log.warning("store.abort_failed", key=key, exc_info=error)

    async def _begin(self, key: str) -> str:
        async with self._requests.send("POST", key, query={"uploads": ""}) as response:
            return _text(await response.read(), "UploadId")

    async def put_part(self, key: str, upload_id: str, number: int, part: Part) -> str:
        query = {"partNumber": str(number), "uploadId": upload_id}
        async with self._requests.send("PUT", key, query=query, body=part, size=part.size) as response:
            if "ETag" not in response.headers:
                raise StoreUnavailable
            return response.headers["ETag"]

    async def parts(self, key: str, upload_id: str, *, after: int, limit: int) -> Sequence[SentPart]:
        query = {"uploadId": upload_id, "part-number-marker": str(after), "max-parts": str(limit)}
        async with self._requests.send("GET", key, query=query) as response:
            listed = await response.read()
        return [_part(element) for element in _elements(listed, "Part")]

    async def complete(self, key: str, upload_id: str, parts: Sequence[tuple[int, str]]) -> None:
        listed = "".join(
            f"<Part><PartNumber>{number}</PartNumber><ETag>{escape(etag)}</ETag></Part>" for number, etag in parts
        )
        body = f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>".encode()
        async with self._requests.send("POST", key, query={"uploadId": upload_id}, body=body) as response:
            # S3 may say 200 first and find out later: only an answer with an ETag is a success.
            _text(await response.read(), "ETag")

    async def abort(self, key: str, upload_id: str) -> None:
        try:
            async with self._requests.send("DELETE", key, query={"uploadId": upload_id}):
                return
        except ObjectMissing:
            return


def _text(document: bytes, name: str) -> str:
    """The element's text in one of the store's answers."""
    text = next((element.text for element in _elements(document, name)), None)
    if not text:
        raise StoreUnavailable from OSError(document[:2000].decode("utf-8", "replace"))
    return text


def _elements(document: bytes, name: str) -> list[Element]:
    """Of that name, whatever their namespace: not every store has the same."""
    try:
        root = ElementTree.fromstring(document)  # noqa: S314 - our own store's answer
    except ElementTree.ParseError as error:
        raise StoreUnavailable from error
    return root.findall(f".//{{*}}{name}")


def _part(element: Element) -> SentPart:
    number, size, etag = (element.findtext(f"{{*}}{name}", "") for name in ("PartNumber", "Size", "ETag"))
    try:
        return SentPart(int(number), int(size), etag)
    except ValueError as error:
        raise StoreUnavailable from error
