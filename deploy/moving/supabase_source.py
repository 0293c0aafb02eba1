"""Reads people and their files out of a Supabase project: `auth.users`, `storage.objects`, and the storage's API."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self
from urllib.parse import quote

import asyncpg
import httpx2
from people import OldFile, Person

# Whoever signs in by another provider only has no password. Names stand where apps have put them. Where several have
# one address (who signs in by SAML may), those come first who have shown that it is theirs.
_PEOPLE = """
    select id::text, email, encrypted_password, email_confirmed_at is not null as verified,
        coalesce(raw_user_meta_data ->> 'full_name', raw_user_meta_data ->> 'name') as name
    from auth.users
    where email is not null and email <> '' and deleted_at is null and (banned_until is null or banned_until < now())
    order by email_confirmed_at is null, created_at, id
"""
_FILES = "select bucket_id, name from storage.objects where owner_id = $1 order by bucket_id, name"


class Supabase:
    def __init__(self, database_url: str, url: str, service_key: str) -> None:
        self._database_url = database_url
        headers = {"Authorization": f"Bearer {service_key}", "apikey": service_key}
        self._http = httpx2.AsyncClient(base_url=f"{url.rstrip('/')}/storage/v1", headers=headers, timeout=60)
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._open.enter_async_context(self._http)
        self._database = await asyncpg.connect(self._database_url)
        self._open.push_async_callback(self._database.close)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    async def people(self) -> AsyncIterator[Person]:
        for row in await self._database.fetch(_PEOPLE):
            files = [self._file(one) for one in await self._database.fetch(_FILES, row["id"])]
            yield Person(
                old_id=row["id"],
                email=row["email"],
                name=row["name"],
                verified=row["verified"],
                password_hash=row["encrypted_password"],
                files=tuple(files),
            )

    def _file(self, row: Mapping[str, str]) -> OldFile:
        path = f"{row['bucket_id']}/{row['name']}"

        async def content() -> AsyncIterator[bytes]:
            async with self._http.stream("GET", f"/object/{quote(path)}") as answer:
                answer.raise_for_status()
                async for chunk in answer.aiter_bytes():
                    yield chunk

        return OldFile(path, content)
