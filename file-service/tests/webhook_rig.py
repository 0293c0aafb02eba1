"""Webhooks of one account, and the worker that sends to them."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any, Self
from uuid import UUID, uuid4

import httpx2
from file_client import FileClient
from plain_settings import plain
from pydantic_core import to_json

from file_service.events import repository as events
from file_service.posting import Patience, posting
from file_service.settings import FileSettings, WorkerSettings
from file_service.usage.service import Quotas
from file_service.webhooks.backoff import Backoff
from strongroom.database import Database

_SOON = timedelta(milliseconds=30)
QUICK = Backoff(pauses=(_SOON,), rests=(timedelta(),))
SHORT = Patience(message=10, due=0.02, everything=30, heartbeat=30)
_ABOUT = "select cast(:path as text) as path, cast(null as text) as previous_path, cast(:data as text) as data"


class Hook:
    """One webhook, through the API."""

    def __init__(self, client: FileClient, made: dict[str, Any]) -> None:
        self._client = client
        self.id = str(made["id"])
        self.secret = str(made["secret"])
        self.path = f"/files/webhooks/{self.id}"

    @classmethod
    async def made_by(cls, client: FileClient, url: str, **wanted: Any) -> Self:
        answer = await client.post("/files/webhooks", {"url": url, **wanted})
        assert answer.status_code == 201, answer.text
        return cls(client, answer.json())

    async def shown(self) -> Any:
        return (await self._client.get(self.path)).json()

    async def log(self) -> Any:
        """Oldest first."""
        return (await self._client.get(f"{self.path}/deliveries", limit=1000)).json()["items"][::-1]

    async def change(self, **change: Any) -> Any:
        answer = await self._client.patch(self.path, **change)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def test(self) -> httpx2.Response:
        return await self._client.post(f"{self.path}/test")

    async def redeliver(self, delivery_id: str) -> httpx2.Response:
        return await self._client.post(f"{self.path}/deliveries/{delivery_id}/redeliver")

    async def until(self, so: Callable[[Any, Any], bool]) -> Any:
        """The log, once what is shown and the log are so."""
        async with asyncio.timeout(60):  # a job whose notice was missed is looked for after 30 s
            while not so(await self.shown(), log := await self.log()):  # noqa: ASYNC110 - the API tells when asked
                await asyncio.sleep(0.02)
        return log

    async def settled(self, count: int = 1) -> Any:
        """The log, once there is so much in it and nothing is on its way."""
        return await self.until(lambda _, log: len(log) >= count and all(one["state"] != "pending" for one in log))


class WebhookRig:
    def __init__(self, settings: FileSettings, database: Database, client: FileClient) -> None:
        self.settings = settings
        self.database = database
        self.client = client

    async def hook(self, url: str, **wanted: Any) -> Hook:
        return await Hook.made_by(self.client, url, **wanted)

    def posting(
        self, backoff: Backoff = QUICK, patience: Patience = SHORT, **parts: Any
    ) -> AbstractAsyncContextManager[None]:
        settings = WorkerSettings.model_validate(plain(self.settings))
        return posting(settings, self.database, backoff=backoff, patience=patience, **parts)

    async def happened(
        self, kind: str = "file.created", *, subject: UUID | None = None, path: str | None = "a.txt", **data: Any
    ) -> UUID:
        """An event in the account's log. Gives its subject."""
        subject = subject or uuid4()
        async with Quotas(self.database, default=0).changing(UUID(self.client.account)) as (tx, _):
            written = to_json({"id": subject, **data}).decode()
            await events.append_each(tx, UUID(self.client.account), kind, _ABOUT, path=path, data=written)
        return subject
