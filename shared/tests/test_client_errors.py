"""Whatever is answered comes to an app as one of the library's errors, and says nothing that it should not."""

import traceback
from collections.abc import Awaitable, Callable

import pytest
from scripted_server import OneToken, ScriptedServer, document, problem
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp

from strongroom.client import AsyncStrongroom, errors
from strongroom.client.errors import Refused, StrongroomError

Serve = Callable[[ASGIApp], Awaitable[str]]

PROBLEMS: list[tuple[int, str, type[Refused]]] = [
    (400, "bad-request", errors.Malformed),
    (401, "unauthenticated", errors.Unauthorized),
    (401, "revoked-token", errors.SignedOut),
    (403, "insufficient-scope", errors.Forbidden),
    (404, "file-not-found", errors.NotFound),
    (409, "path-taken", errors.Conflict),
    (409, "not-derived-yet", errors.NotReadYet),
    (410, "upload-expired", errors.Gone),
    (410, "events-gone", errors.EventsGone),
    (412, "precondition-failed", errors.PreconditionFailed),
    (413, "file-too-large", errors.ContentTooLarge),
    (415, "type-not-allowed", errors.Refused),
    (422, "invalid-path", errors.Unprocessable),
    (422, "unreadable-file", errors.UnreadableFile),
    (423, "upload-locked", errors.Locked),
    (429, "rate-limited", errors.TooManyRequests),
    (500, "internal-error", errors.ServerError),
    (503, "unavailable", errors.Unavailable),
    (507, "quota-exceeded", errors.QuotaExceeded),
]


async def refused(serve: Serve, answer: Response) -> StrongroomError:
    url = await serve(ScriptedServer(lambda _: answer))
    async with AsyncStrongroom(url, OneToken(), deadline=1) as strongroom:
        with pytest.raises(StrongroomError) as raised:
            await strongroom.files.copy("01a20f6c-fcf2-75cb-bb0c-64e83538e9e7", "b")
    return raised.value


@pytest.mark.parametrize(("status", "slug", "kind"), PROBLEMS)
async def test_a_problem_is_an_error_of_its_kind(serve: Serve, status: int, slug: str, kind: type[Refused]) -> None:
    error = await refused(serve, problem(status, slug, detail="because", left=7))
    assert type(error) is kind
    assert isinstance(error, Refused)
    assert (error.status, error.slug, error.detail) == (status, slug, "because")
    assert error.members == {"left": 7}
    assert str(error) == f"A {slug}: because"


def test_every_error_is_in_the_tree_of_its_module() -> None:
    kinds = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, StrongroomError)]
    assert [one.__name__ for one in kinds if one.__name__ not in (errors.__doc__ or "")] == []


async def test_how_long_to_wait_and_which_request_it_was_come_along(serve: Serve) -> None:
    answer = problem(429, "rate-limited")
    answer.headers.update({"Retry-After": "7", "X-Request-ID": "abc"})
    error = await refused(serve, answer)
    assert isinstance(error, errors.TooManyRequests)
    assert (error.retry_after, error.request_id) == (7.0, "abc")


async def test_how_much_room_is_left_is_told(serve: Serve) -> None:
    error = await refused(serve, problem(507, "quota-exceeded", left=12))
    assert isinstance(error, errors.QuotaExceeded)
    assert error.left == 12


@pytest.mark.parametrize("status", [502, 504])
async def test_a_page_of_a_proxy_is_unavailable_and_not_quoted(serve: Serve, status: int) -> None:
    error = await refused(serve, Response("<h1>nginx</h1>", status, media_type="text/html"))
    assert type(error) is errors.Unavailable
    assert error.slug == f"http-{status}"
    assert "nginx" not in str(error)


@pytest.mark.parametrize("body", [b"", b"null", b"[1]", b'{"type": 7, "title": []}', b"[" * 100_000, b"\xff\xfe"])
async def test_a_refusal_that_is_nonsense_is_still_one(serve: Serve, body: bytes) -> None:
    error = await refused(serve, Response(body, 404, media_type="application/problem+json"))
    assert type(error) is errors.NotFound
    assert error.slug == "http-404"


async def test_a_refusal_cannot_write_to_a_terminal(serve: Serve) -> None:
    error = await refused(serve, problem(404, "x\x1b]0;", detail="\x1b[2Jgone\x07" + "!" * 5000))
    assert isinstance(error, Refused)
    assert error.detail is not None
    assert error.detail.isprintable()
    assert error.slug.isprintable()
    assert len(error.detail) <= 1000


@pytest.mark.parametrize(
    "answer",
    [
        Response(b"<html>", 200),
        Response(b"", 204),
        document([]),
        document({"id": "x"}),
        Response(b"[" * 100_000, 200),
    ],
    ids=["html", "nothing", "list", "another object", "nested"],
)
async def test_an_answer_that_is_not_ours_is_unexpected(serve: Serve, answer: Response) -> None:
    assert type(await refused(serve, answer)) is errors.UnexpectedAnswer


async def test_what_is_not_understood_is_not_quoted(serve: Serve) -> None:
    error = await refused(serve, document({"id": "a-secret-that-came-back"}))
    assert "a-secret-that-came-back" not in "".join(traceback.format_exception(error))


async def test_a_redirect_is_not_followed_and_the_token_goes_nowhere(serve: Serve) -> None:
    other = ScriptedServer(lambda _: document({}))
    elsewhere = await serve(other)
    error = await refused(serve, RedirectResponse(f"{elsewhere}/files", 307))
    assert type(error) is errors.UnexpectedAnswer
    assert other.requests == []


async def test_a_head_without_end_is_unreachable(serve: Serve) -> None:
    error = await refused(serve, Response(b"", 200, {"X-Long": "a" * 1_000_000}))
    assert type(error) is errors.Unreachable


async def test_nobody_there_is_unreachable() -> None:
    async with AsyncStrongroom("http://127.0.0.1:1", OneToken(), deadline=0.5) as strongroom:
        with pytest.raises(errors.Unreachable):
            await strongroom.files.usage()


async def test_no_answer_in_time_is_told_from_others(serve: Serve) -> None:
    async def never(request: Request) -> Response:
        while not await request.is_disconnected():
            pass
        return Response()

    async with AsyncStrongroom(await serve(ScriptedServer(never)), OneToken(), deadline=0.2) as strongroom:
        with pytest.raises(errors.TimedOut):
            await strongroom.files.usage()


@pytest.mark.parametrize("circle", [{"": "a", "a": "a"}, {"": "a", "a": "b", "b": "c", "c": "a"}])
async def test_a_list_that_goes_in_circles_ends(serve: Serve, circle: dict[str, str]) -> None:
    def answer(request: Request) -> Response:
        return document({"items": [], "next_cursor": circle[request.query_params.get("cursor", "")]})

    async with AsyncStrongroom(await serve(ScriptedServer(answer)), OneToken()) as strongroom:
        with pytest.raises(errors.UnexpectedAnswer):
            [one async for one in strongroom.files.list()]


async def test_no_path_leads_to_another_address(serve: Serve) -> None:
    server = ScriptedServer(lambda _: document({}))
    async with AsyncStrongroom(await serve(server), OneToken()) as strongroom:
        for path in ("", "/a", "../auth/token", "a/../../auth/token", "a//b", "a/."):
            with pytest.raises(ValueError, match="path"):
                await strongroom.files.put(b"x", path)
    assert server.requests == []


async def test_a_newer_server_may_say_more(serve: Serve) -> None:
    url = await serve(ScriptedServer(lambda _: document({"bytes": 1, "count": 2, "quota": 3, "colour": "red"})))
    async with AsyncStrongroom(url, OneToken()) as strongroom:
        usage = await strongroom.files.usage()
    assert (usage.bytes, usage.count, usage.quota) == (1, 2, 3)
