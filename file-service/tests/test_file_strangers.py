"""Somebody else's id is like one that never was, on every verb of every route: the description itself is walked."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from direct_client import DirectClient
from fastapi import FastAPI
from file_client import FileClient
from starlette.types import ASGIApp

from file_service.app import create_app
from file_service.settings import FileSettings

# What a route is sent where it takes a body: enough to get past its validation.
_BODIES: dict[tuple[str, str], Any] = {
    ("post", "/files/{file_id}/copy"): {"path": "stolen"},
    ("patch", "/files/{file_id}"): {"filename": "stolen"},
    ("post", "/files/{file_id}/links"): {},
    ("post", "/files/{file_id}/restore"): {},
    ("patch", "/files/webhooks/{webhook_id}"): {"url": "https://93.184.215.14/stolen"},
}
_TUS = {"Tus-Resumable": "1.0.0"}
_BEGINNING = {"Upload-Length": "10", "Upload-Metadata": "filename bWluZQ=="}


def _routes() -> Iterator[tuple[str, str]]:
    """Verbs and paths of whatever is about one thing with an id."""
    app: FastAPI = create_app(
        FileSettings.model_validate(
            {
                "database_url": "postgresql://x/x", "public_url": "http://x", "auth_url": "http://x",
                "s3_endpoint": "http://x", "s3_access_key": "x", "s3_secret_key": "x",
            }
        )
    )  # fmt: skip
    for path, verbs in app.openapi()["paths"].items():
        if "_id}" in path and not {"{account_id}", "{job_id}"} & set(path.split("/")):
            # OPTIONS tells what the protocol can do, whatever the address.
            for verb in verbs.keys() - {"options"}:
                yield verb, path


ROUTES = sorted(_routes())


@pytest.fixture
async def origin(published: FileSettings, serve: Callable[[ASGIApp], Awaitable[str]]) -> str:
    """Every route is on."""
    return await serve(create_app(published))


def test_the_walk_meets_the_routes_there_are() -> None:
    assert ("delete", "/files/{file_id}") in ROUTES
    assert ("get", "/files/{file_id}/download") in ROUTES
    assert len(ROUTES) >= 9


@pytest.mark.parametrize(("verb", "path"), ROUTES)
async def test_somebody_elses_id_is_like_one_that_never_was(
    client_of: Callable[..., FileClient], verb: str, path: str
) -> None:
    ada, eve = client_of(), client_of()
    ids = await possessions(ada)
    theirs = await ask(eve, verb, path, ids)
    absent = await ask(eve, verb, path, {name: str(uuid4()) for name in ids})
    assert theirs.status_code == 404, theirs.text
    assert (absent.status_code, absent.content) == (404, theirs.content)
    mine = await ask(ada, verb, path, ids)  # so that it was not the request itself that could not be found
    assert mine.status_code < 400 or "file-not-found" not in mine.json()["type"], mine.text


async def possessions(client: FileClient) -> dict[str, str]:
    """One of each kind of thing that has an id."""
    file = (await client.put("mine", b"secret")).json()["id"]
    found = {"file_id": file}
    for kind, path, body in (
        ("link_id", f"/files/{file}/links", {}),
        ("share_id", f"/files/{file}/shares", {"account_id": str(uuid4()), "permission": "read"}),
    ):
        answer = await client.post(path, body)
        if answer.status_code == 201:
            found[kind] = answer.json()["id"]
    webhook = (await client.post("/files/webhooks", {"url": "https://93.184.215.14/"})).json()
    test = (await client.post(f"/files/webhooks/{webhook['id']}/test")).json()
    found["webhook_id"], found["delivery_id"] = webhook["id"], test["id"]
    begun = await client.http.post(f"{client.origin}/files/uploads", headers={**client.headers, **_TUS, **_BEGINNING})
    found["upload_id"] = begun.headers["location"].rpartition("/")[2]
    transfer, (part,) = await DirectClient(client).sent(b"secret", "sent")
    found["transfer_id"], found["etag"] = transfer.rpartition("/")[2], part["etag"]
    return found


async def ask(client: FileClient, verb: str, path: str, ids: dict[str, str]) -> httpx2.Response:
    body = _BODIES.get((verb, path))
    if (verb, path) == ("post", "/files/{file_id}/restore") and client.account:
        # Out of the trash: it must be there first. Only its owner can have put it there.
        await client.delete(f"/files/{ids['file_id']}")
    if (verb, path) == ("post", "/files/{file_id}/shares"):
        body = {"account_id": str(uuid4()), "permission": "read"}
    if path.endswith("/complete"):
        body = {"parts": [{"number": 1, "etag": ids["etag"]}]}
    url = client.origin + path.format(**ids)
    if "/uploads/" in path:
        headers = {**client.headers, **_TUS, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
        return await client.http.request(verb.upper(), url, content=b"x" if verb == "patch" else None, headers=headers)
    return await client.http.request(verb.upper(), url, json=body, headers=client.headers)
