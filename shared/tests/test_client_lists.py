"""What a list is asked for is what the service is asked for."""

import unicodedata
from collections.abc import Awaitable, Callable

import pytest
from scripted_server import OneToken, ScriptedServer, a_file, document
from starlette.types import ASGIApp

from strongroom.client import AsyncStrongroom

Serve = Callable[[ASGIApp], Awaitable[str]]


@pytest.fixture
def server() -> ScriptedServer:
    return ScriptedServer(lambda _: document({"items": [], "next_cursor": None}))


@pytest.mark.parametrize(
    ("wanted", "query"),
    [
        ({}, "limit=200"),
        ({"folder": ""}, "limit=200&folder="),
        ({"folder": "a/b", "sort": "-size"}, "limit=200&folder=a%2Fb&sort=-size"),
        ({"prefix": "a/", "q": "x & y", "tags": ["one", "two"]}, "limit=200&prefix=a%2F&q=x+%26+y&tag=one&tag=two"),
        ({"trashed": True, "content_type": "image/*"}, "limit=200&content_type=image%2F%2A&trashed=true"),
    ],
)
async def test_files_are_asked_for_as_wanted(
    serve: Serve, server: ScriptedServer, wanted: dict[str, object], query: str
) -> None:
    async with AsyncStrongroom(await serve(server), OneToken()) as strongroom:
        assert [one async for one in strongroom.files.list(**wanted)] == []  # type: ignore[arg-type]
    assert server.requests[0].url.query == query


@pytest.mark.parametrize(
    ("folder", "query"), [("", ""), ("/", ""), ("a/b", "&prefix=a%2Fb%2F"), ("a/", "&prefix=a%2F")]
)
async def test_folders_are_asked_for_as_wanted(serve: Serve, server: ScriptedServer, folder: str, query: str) -> None:
    async with AsyncStrongroom(await serve(server), OneToken()) as strongroom:
        assert [one async for one in strongroom.folders.list(folder)] == []
    assert server.requests[0].url.query == f"limit=200{query}"


async def test_a_path_is_not_mistaken_for_one_that_begins_so(serve: Serve) -> None:
    server = ScriptedServer(lambda _: document({"items": [a_file(path="a/b")], "next_cursor": "more"}))
    async with AsyncStrongroom(await serve(server), OneToken()) as strongroom:
        assert (await strongroom.files.at("a/b")).path == "a/b"
        with pytest.raises(Exception, match="no file at a/"):
            await strongroom.files.at("a/")
    assert len(server.requests) == 2


async def test_a_path_as_macos_writes_it_is_found(serve: Serve) -> None:
    path = unicodedata.normalize("NFC", "größe/é.txt")
    server = ScriptedServer(lambda _: document({"items": [a_file(path=path)], "next_cursor": None}))
    async with AsyncStrongroom(await serve(server), OneToken()) as strongroom:
        assert (await strongroom.files.at(unicodedata.normalize("NFD", path))).path == path


async def test_a_folder_as_macos_writes_it_is_asked_for_as_the_service_has_it(
    serve: Serve, server: ScriptedServer
) -> None:
    folder = unicodedata.normalize("NFD", "größe")
    async with AsyncStrongroom(await serve(server), OneToken()) as strongroom:
        assert [one async for one in strongroom.files.list(folder=folder, prefix=folder)] == []
        assert [one async for one in strongroom.folders.list(folder)] == []
    composed = unicodedata.normalize("NFC", folder)
    assert dict(server.requests[0].query_params) == {"limit": "200", "folder": composed, "prefix": composed}
    assert server.requests[1].query_params["prefix"] == f"{composed}/"
