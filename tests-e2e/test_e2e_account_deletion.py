"""A deleted account's files go too, everywhere, even if the file service is not there when it happens."""

import asyncio
import base64
import http.client
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx2
import pytest
from app_client import App
from minio import Minio
from second_file_service import origin_of
from stack import ADMIN_EMAIL, ADMIN_PASSWORD, Stack

MIB = 1024**2
TUS = {"Tus-Resumable": "1.0.0"}
STREAM = {**TUS, "Content-Type": "application/offset+octet-stream"}


def furnish(app: App, other: str) -> str:
    """Files, an unfinished upload, a link and a share with `other`. Where the link leads."""
    ids = [app.upload(os.urandom(1000), f"{number}.bin")["id"] for number in range(3)]
    app.http.delete(f"/files/{ids[1]}")
    begun = app.http.post("/files/uploads", headers={**TUS, "Upload-Length": str(20 * MIB)} | named("large"))
    sent = app.http.patch(begun.headers["location"], headers={**STREAM, "Upload-Offset": "0"}, content=bytes(9 * MIB))
    assert sent.status_code == 204, sent.text
    shared = app.http.post(f"/files/{ids[2]}/shares", json={"account_id": other, "permission": "read"})
    assert shared.status_code == 201, shared.text
    return str(app.http.post(f"/files/{ids[0]}/links", json={}).json()["url"])


def named(name: str) -> dict[str, str]:
    return {"Upload-Metadata": f"filename {base64.b64encode(name.encode()).decode()}"}


def whoami(app: App) -> str:
    return str(app.http.get("/auth/profile").json()["id"])


def is_purged(admin: App, account: str) -> bool:
    """What the audit trail says."""
    items = admin.http.get("/auth/audit", params={"limit": 100}).json()["items"]
    return any((one["event"], one["account_id"]) == ("account.files_purged", account) for one in items)


def wait_until(true: Callable[[], bool], *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not become true"
        time.sleep(0.1)  # nobody tells


def test_all_that_an_account_had_is_gone_soon_after_it(app: App, admin: App, url: str) -> None:
    with App(url) as other:
        other.sign_up()
        account, link = whoami(app), furnish(app, whoami(other))
        assert httpx2.get(link, trust_env=False).status_code == 200
        assert len(other.http.get("/files/shared").json()["items"]) == 1
        assert app.http.delete("/auth/profile").status_code == 204
        wait_until(lambda: is_purged(admin, account), seconds=30)
        assert httpx2.get(link, trust_env=False).status_code == 404
        assert other.http.get("/files/shared").json()["items"] == []
        assert admin.http.get(f"/files/usage/{account}").json()["count"] == 0


# The door that is not there


def purger_token(admin: App) -> str:
    """As good a token as there can be: of a program that an administrator has given the scope."""
    wanted = {"name": "purger", "scopes": ["files:purge"]}
    client = admin.http.post("/auth/clients", json=wanted).json()
    credentials = (client["client_id"], client["client_secret"])
    answer = admin.http.post("/auth/token", data={"grant_type": "client_credentials"}, auth=credentials)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


def delete_as_it_is(origin: str, target: str, token: str) -> tuple[int, str]:
    """Status and body; the target is not put in order first."""
    address = urlsplit(origin)
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    connection = kind(address.netloc, timeout=30)
    try:
        connection.request("DELETE", target, headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_nobody_gets_to_it_through_the_gateway(app: App, admin: App, url: str) -> None:
    app.upload(b"x")
    token, account = purger_token(admin), whoami(app)
    for path in (
        "/files/internal/owners/",
        "/files/%69nternal/owners/",
        "/files%2Finternal%2fowners/",
        "/%66%69les/internal/%6fwners/",
        "/files/x/../internal/owners/",
        "/files/%2e/internal/owners/",
        "/files//internal/owners/",
        "//files/internal/owners/",
        "/files/Internal/owners/",
        "/FILES/INTERNAL/owners/",
    ):
        status, body = delete_as_it_is(url, path + account, token)
        assert (status, "problem-type:strongroom:not-found" in body) == (404, True), (path, body)
    assert len(app.listing()) == 1


# A file service that is not there


@contextmanager
def suspended(stack: Stack) -> Iterator[None]:
    """It takes connections and does not answer, as one does whose machine is busy to death."""
    process = stack.service("file_service")
    process.suspend()
    try:
        yield
    finally:
        process.resume()


class Inside:
    """What only the stack's operator sees: its tables and its bucket."""

    def __init__(self, stack: Stack) -> None:
        settings = stack.service("file_service").environ()
        self._dsn = settings["STRONGROOM_DATABASE_URL"].replace("+asyncpg", "")
        self._bucket = settings.get("STRONGROOM_S3_BUCKET", "strongroom")
        self._s3 = Minio(
            endpoint=settings["STRONGROOM_S3_ENDPOINT"].removeprefix("http://"),
            access_key=settings["STRONGROOM_S3_ACCESS_KEY"],
            secret_key=settings["STRONGROOM_S3_SECRET_KEY"],
            secure=False,
            region="us-east-1",
        )

    def value(self, query: str) -> Any:
        async def fetch() -> Any:
            connection = await asyncpg.connect(self._dsn)
            try:
                return await connection.fetchval(query)
            finally:
                await connection.close()

        return asyncio.run(fetch())

    def objects(self, account: str) -> int:
        """Also parts of unfinished ones."""
        stored = self._s3.list_objects(bucket_name=self._bucket, recursive=True)
        uploads = self._s3._list_multipart_uploads(self._bucket).uploads  # noqa: SLF001 - there is no public way
        return sum(account in str(one.object_name) for one in (*stored, *uploads))

    def rows(self, account: str) -> int:
        tables = ("files", "links", "shares", "resumable_uploads", "derivations", "passages", "events")
        counts = (f"(select count(*) from files.{table} where owner_id = '{account}')" for table in tables)
        return int(self.value(f"select {' + '.join(counts)}"))


@pytest.mark.heavy  # an attempt that is not answered takes half a minute
def test_a_file_service_that_is_away_is_waited_for(own_stack: Callable[..., Stack]) -> None:
    stack = own_stack().wait_until_ready()
    inside = Inside(stack)
    with App(stack.url) as ada, App(stack.url) as bob, App(stack.url) as admin:
        ada.sign_up()
        bob.sign_up()
        admin.sign_in(ADMIN_EMAIL, ADMIN_PASSWORD)
        account, link = whoami(ada), furnish(ada, whoami(bob))
        kept = bob.upload(b"bob's")["id"]
        assert (inside.rows(account) >= 6, inside.objects(account) >= 4) == (True, True)

        with suspended(stack):
            assert ada.http.delete("/auth/profile").status_code == 204
            failed = "select attempts from auth.pgqueuer where entrypoint = 'purge-files' and status = 'queued'"
            wait_until(lambda: (inside.value(failed) or 0) >= 1, seconds=60)
            assert not is_purged(admin, account)
            assert inside.rows(account) >= 6
        wait_until(lambda: is_purged(admin, account), seconds=60)

        assert inside.rows(account) == 0
        assert inside.value(f"select purged_at is not null from files.owners where owner_id = '{account}'")
        wait_until(lambda: inside.objects(account) == 0, seconds=60)
        left = "select count(*) from auth.pgqueuer where entrypoint = 'purge-files'"
        wait_until(lambda: inside.value(left) == 0, seconds=60)  # the job ends after what it tells the trail
        assert httpx2.get(link, trust_env=False).status_code == 404
        assert b"".join(bob.download(kept)) == b"bob's"


def test_the_service_itself_takes_the_token_that_the_gateway_kept_from_it(embedded: Stack) -> None:
    with App(embedded.url) as ada, App(embedded.url) as admin:
        ada.sign_up()
        admin.sign_in(ADMIN_EMAIL, ADMIN_PASSWORD)
        ada.upload(b"x")
        path = f"/files/internal/owners/{whoami(ada)}"
        origin = origin_of(embedded, "file_service")
        for token in (ada.tokens["access_token"], admin.tokens["access_token"]):
            assert delete_as_it_is(origin, path, token)[0] == 403
        assert len(ada.listing()) == 1
        assert delete_as_it_is(origin, path, purger_token(admin)) == (204, "")
        assert ada.listing() == []
        refused = ada.send(b"x")
        assert (refused.status_code, refused.json()["type"]) == (410, "urn:problem-type:strongroom:owner-gone")
