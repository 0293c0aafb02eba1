"""Events as they happen: over WebSockets and over HTTP, to whom they belong, for as long as they may be heard."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import httpx2
import jwt
import pytest
import websockets
from event_client import blocks, heard, listening, next_of, stream
from event_rows import add_events
from file_client import FileClient
from starlette.types import ASGIApp

from file_service.app import create_app
from file_service.settings import FileSettings
from strongroom.database import Database
from strongroom.testing import TestIssuer

Clients = Callable[..., FileClient]


async def make(client: FileClient, *paths: str) -> None:
    for path in paths:
        assert (await client.upload(b"", path=path)).status_code == 201


async def closed(connection: Any) -> tuple[int | None, str | None]:
    """The code and the reason, when it comes to that."""
    async with asyncio.timeout(20):
        await connection.wait_closed()
    return connection.close_code, connection.close_reason


async def refusal(connecting: websockets.connect) -> tuple[int, str]:
    with pytest.raises(websockets.InvalidStatus) as refused:
        await connecting
    answer = refused.value.response
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, json.loads(answer.body)["type"].rpartition(":")[2]


async def test_a_websocket_tells_what_happens(ada: FileClient) -> None:
    async with listening(ada) as connection:
        assert connection.subprotocol == "strongroom.v1"
        file = (await ada.upload(b"x", path="a.txt")).json()
        (event,) = await next_of(connection)
    assert set(event) == {"id", "type", "time", "data"}
    assert (event["id"], event["type"], event["data"]) == ("1", "file.created", file)
    assert abs((datetime.now(UTC) - datetime.fromisoformat(event["time"])).total_seconds()) < 60


async def test_a_stream_tells_what_happens(ada: FileClient) -> None:
    await make(ada, "before.bin")
    async with stream(ada) as answer:
        assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"
        told = blocks(answer)
        assert await anext(told) == {"id": "1"}  # where it begins, for who is cut off before anything happens
        await make(ada, "after.bin")
        block = await anext(told)
    assert (block["id"], block["event"]) == ("2", "file.created")
    assert json.loads(block["data"])["data"]["path"] == "after.bin"


async def test_programs_may_say_who_they_are_as_usual(ada: FileClient) -> None:
    url = ada.origin.replace("http", "ws", 1) + "/files/events?after=0"
    await make(ada, "a.bin")
    async with websockets.connect(url, additional_headers=ada.headers, proxy=None) as connection:
        assert connection.subprotocol is None
        assert (await next_of(connection))[0]["data"]["path"] == "a.bin"


async def test_what_was_missed_comes_first_and_nothing_twice(ada: FileClient) -> None:
    await make(ada, "1.bin", "2.bin", "3.bin")
    async with listening(ada, after=1) as connection:
        await make(ada, "4.bin")
        assert [event["id"] for event in await next_of(connection, 3)] == ["2", "3", "4"]
    async with stream(ada, {"Last-Event-ID": "3"}, after=0) as answer:  # as browsers add it to the first address
        told = blocks(answer)
        assert [(await anext(told))["id"] for _ in range(2)] == ["3", "4"]


async def test_a_long_absence_is_made_up_for(ada: FileClient, database: Database) -> None:
    await make(ada, "1.bin")
    await add_events(database, 3000)
    async with listening(ada, after=0) as connection:
        await make(ada, "last.bin")
        assert [int(event["id"]) for event in await next_of(connection, 3002)] == list(range(1, 3003))


async def test_only_what_is_wanted_is_told(ada: FileClient) -> None:
    await make(ada, "a/1.bin", "b/2.bin")
    await ada.delete("/files/folders/a")
    assert [event["id"] for event in await heard(ada, 1, type="file.trashed")] == ["3"]
    assert [event["id"] for event in await heard(ada, 2, prefix="a/", type=["link.*", "file.*"])] == ["1", "3"]


@pytest.mark.parametrize("kind", ["*", "file", "file.", "FILE.created", "file.created,file.trashed", "file.*.*", ""])
async def test_filters_that_mean_nothing_are_refused(ada: FileClient, kind: str) -> None:
    async with stream(ada, type=kind) as answer:
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert await refusal(listening(ada, type=kind)) == (422, "no-such-filter")


@pytest.mark.parametrize("after", ["-1", "x", "1.5", str(2**63), ""])
async def test_positions_that_are_no_numbers_are_refused(ada: FileClient, after: str) -> None:
    async with stream(ada, after=after) as answer:
        assert answer.status_code == 422
    assert await refusal(listening(ada, after=after)) == (422, "invalid-request")


async def test_what_is_not_kept_any_more_is_said_to_be_gone(ada: FileClient, database: Database) -> None:
    await make(ada, "1.bin", "2.bin", "3.bin")
    async with database.begin() as tx:
        await tx.exec_driver_sql("delete from files.events where number <= 2")
    for after in (0, 1, 4):  # the last of them never was
        async with stream(ada, after=after) as answer:
            assert answer.status_code == 410
            assert json.loads(await answer.aread())["type"].endswith(":events-gone")
        async with listening(ada, after=after) as connection:
            assert await closed(connection) == (4410, "events-gone")
    assert [event["id"] for event in await heard(ada, 1, after=2)] == ["3"]


async def test_nobody_hears_of_somebody_elses(ada: FileClient, client_of: Clients) -> None:
    bob = client_of()
    async with listening(bob) as connection:
        await make(ada, "ada.bin")
        await make(bob, "bob.bin")
        assert [event["data"]["path"] for event in await next_of(connection)] == ["bob.bin"]


async def test_who_may_not_hear_is_told_why(ada: FileClient, client_of: Clients) -> None:
    assert await refusal(listening(ada, "strongroom.v1")) == (401, "unauthenticated")
    assert await refusal(listening(ada, "strongroom.v1", "bearer.nonsense")) == (401, "invalid-token")
    now = int(time.time())
    assert await refusal(listening(client_of(iat=now - 999, exp=now - 99))) == (401, "expired-token")
    assert await refusal(listening(client_of(scope="files:write"))) == (403, "insufficient-scope")
    assert await refusal(listening(client_of(subject="a program"))) == (403, "no-owner")
    async with stream(client_of(scope="files:write")) as answer:
        assert answer.status_code == 403


async def test_a_token_in_the_address_is_none(ada: FileClient) -> None:
    assert await refusal(listening(ada, "strongroom.v1", token=ada.token, access_token=ada.token)) == (
        401,
        "unauthenticated",
    )


async def test_a_revoked_session_hears_no_more(ada: FileClient, issuer: TestIssuer) -> None:
    session = jwt.decode(str(ada.token), options={"verify_signature": False})["sid"]
    async with listening(ada) as connection, stream(ada) as answer:
        told = blocks(answer)
        await anext(told)
        issuer.revoke(session=session)
        assert await closed(connection) == (4401, "token-ended")
        async with asyncio.timeout(20):
            assert await anext(told) == {"event": "stream.closed", "data": '{"reason":"token-ended"}'}
            assert [block async for block in told] == []
    assert await refusal(listening(ada)) == (401, "revoked-token")


async def test_it_ends_with_the_token(client_of: Clients) -> None:
    now = int(time.time())
    async with listening(client_of(iat=now - 100, exp=now - 28)) as connection:  # within the leeway of 30 s
        assert await closed(connection) == (4401, "token-ended")


async def test_places_are_limited_and_given_back(
    settings: FileSettings, serve: Callable[[ASGIApp], Awaitable[str]], http: httpx2.AsyncClient, issuer: TestIssuer
) -> None:
    few = settings.model_copy(update={"max_listeners": 3, "max_listeners_each": 2})
    origin = await serve(create_app(few))
    ada, bob = FileClient(http, origin, issuer.token()), FileClient(http, origin, issuer.token())
    async with listening(ada):
        async with listening(ada):
            assert await refusal(listening(ada)) == (429, "too-many-listeners")
            async with stream(ada) as answer:
                assert answer.status_code == 429
            async with stream(bob) as answer:
                assert answer.status_code == 200
                assert await refusal(listening(bob)) == (429, "too-many-listeners")
        async with stream(ada) as answer:
            assert answer.status_code == 200


async def test_what_clients_say_is_not_minded(ada: FileClient) -> None:
    async with listening(ada) as connection:
        await connection.send(["in ", "three ", "pieces"])
        await connection.send(b"\x00" * 1024 * 1024)
        async with asyncio.timeout(20):
            await (await connection.ping())
        await make(ada, "a.bin")
        assert len(await next_of(connection)) == 1
        await connection.send(b"\x00" * (1024 * 1024 + 1))
        assert (await closed(connection))[0] == 1009


async def test_events_are_described(ada: FileClient, http: httpx2.AsyncClient) -> None:
    document = (await http.get(f"{ada.origin}/files/asyncapi.json")).json()
    assert document["asyncapi"] == "3.0.0"
    assert document["channels"]["events"]["address"] == "/files/events"
    message = document["components"]["messages"]["file.created"]["payload"]
    assert message["required"] == ["id", "type", "time", "data"]
    assert "sha256" in document["components"]["schemas"]["FileOut"]["properties"]
    assert not [one for one in _references(document) if not _leads_somewhere(document, one)]


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [one for child in node.values() for one in _references(child)]
    return [one for child in node for one in _references(child)] if isinstance(node, list) else []


def _leads_somewhere(document: Any, reference: str) -> bool:
    for step in reference.removeprefix("#/").split("/"):
        if step not in document:
            return False
        document = document[step]
    return True
