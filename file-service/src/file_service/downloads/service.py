"""Answers for files' bytes: all of them, parts, or that the client has them already."""

import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing, asynccontextmanager
from http import HTTPStatus
from uuid import UUID

from starlette.responses import Response

from file_service.conditions import Verdict
from file_service.downloads.byteranges import Byteranges
from file_service.downloads.download_request import DownloadRequest
from file_service.downloads.ranges import Span, wanted_spans
from file_service.downloads.representation import Representation
from file_service.downloads.stored_response import StoredResponse
from file_service.files.errors import PreconditionFailed
from file_service.files.history import History
from file_service.files.repository import File
from file_service.files.version_repository import Version
from file_service.storage.object_store import ObjectMissing, ObjectStore


class Downloads:
    def __init__(self, store: ObjectStore, history: History) -> None:
        self._store = store
        self._history = history

    async def download(self, account: UUID, file_id: UUID, number: int | None, wanted: DownloadRequest) -> Response:
        """Of a version, or of the current one. Raises FileNotFound, VersionNotFound, and what `answer` does."""
        file, version = await self._history.find(account, file_id, number)
        return self.answer(wanted, file, version)

    def answer(self, wanted: DownloadRequest, file: File, version: Version) -> Response:
        """For whoever may read it. Raises PreconditionFailed, RangeNotSatisfiable.

        Decided from the row alone. The store is asked only when a 200 or 206 to a GET is sent; StoreUnavailable and
        ObjectMissing come out then, before the head does.
        """
        shown = Representation(file, version, wanted.inline)
        match wanted.conditions.judge(shown.validators):
            case Verdict.FAILED:
                raise PreconditionFailed
            case Verdict.NOT_MODIFIED:
                return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=shown.freshness())
            case Verdict.MET:
                pass
        if wanted.method == "HEAD":
            return Response(headers=shown.headers())
        ranges = wanted.ranges if wanted.conditions.want_range(shown.validators) else None
        spans = wanted_spans(ranges, version.content.size)
        if spans is None:
            return StoredResponse(lambda: self._whole(version), HTTPStatus.OK, shown.headers())
        return self._part(shown, spans[0]) if len(spans) == 1 else self._parts(shown, spans)

    def _part(self, shown: Representation, span: Span) -> Response:
        content = shown.version.content
        headers = {
            **shown.headers(),
            "Content-Length": str(span.length),
            "Content-Range": span.content_range(content.size),
        }
        return StoredResponse(lambda: self._span(shown.version, span), HTTPStatus.PARTIAL_CONTENT, headers)

    def _parts(self, shown: Representation, spans: Sequence[Span]) -> Response:
        content = shown.version.content
        body = Byteranges(spans, content.size, content.content_type, boundary=secrets.token_hex(16))
        headers = {**shown.headers(), "Content-Length": str(body.length), "Content-Type": body.media_type}
        return StoredResponse(lambda: self._byteranges(shown.version, body), HTTPStatus.PARTIAL_CONTENT, headers)

    def _whole(self, version: Version) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        return self._opened(version, self._store.get(version.content.object_key))

    def _span(self, version: Version, span: Span) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        return self._opened(version, self._store.get(version.content.object_key, start=span.start, length=span.length))

    @asynccontextmanager
    async def _opened(
        self, version: Version, opening: AbstractAsyncContextManager[AsyncIterator[bytes]]
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        async with AsyncExitStack() as stack:
            try:
                chunks = await stack.enter_async_context(opening)
            except ObjectMissing:
                # Removed since the row was read? Then the file is not there, and nothing is wrong.
                await self._history.require(version)
                raise
            yield chunks

    @asynccontextmanager
    async def _byteranges(self, version: Version, body: Byteranges) -> AsyncIterator[AsyncIterator[bytes]]:
        async with aclosing(self._pieces(version, body)) as pieces:
            first = await anext(pieces)  # by which the first part is open
            yield _with_first(first, pieces)

    async def _pieces(self, version: Version, body: Byteranges) -> AsyncGenerator[bytes, None]:
        for span in body.spans:
            async with self._span(version, span) as chunks:
                yield body.head(span)
                async for chunk in chunks:
                    yield chunk
            yield body.END_OF_PART
        yield body.end


async def _with_first(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece
