"""How commands end, for scripts: by what went wrong, also of many."""

import io
import json
from collections.abc import Iterator, Sequence

import pytest

from strongroom.cli.exit_codes import TOLD, ExitCode
from strongroom.cli.failures import CommandError, NotThere, SomeFailed, failure_of
from strongroom.cli.invocation import Invocation
from strongroom.cli.many import Many
from strongroom.cli.output import Output
from strongroom.client import errors
from strongroom.token_source import TokenUnavailable

EXPECTED: Sequence[tuple[Exception, int]] = [
    (errors.SignedOut(), 3),
    (errors.Unauthorized(), 3),
    (errors.SignInRefused(), 3),
    (errors.SecondFactorNeeded(), 3),
    (errors.Forbidden(), 5),
    (errors.NotFound(), 4),
    (errors.EventsGone(), 4),
    (FileNotFoundError(2, "No such file", "x"), 4),
    (errors.Conflict(), 6),
    (errors.NotReadYet(), 6),
    (errors.PreconditionFailed(), 6),
    (FileExistsError(17, "File exists", "x"), 6),
    (errors.QuotaExceeded(), 7),
    (errors.ContentTooLarge(), 7),
    (errors.Unreachable(), 8),
    (errors.TimedOut(), 8),
    (errors.Unavailable(), 8),
    (errors.Interrupted(), 8),
    (errors.ServerError(), 1),
    (errors.Unprocessable(), 1),
    (errors.Damaged(), 1),
    (errors.UnusableProxy(), 1),
    (PermissionError(13, "Permission denied", "x"), 1),
    (ValueError("not a path of a file: '..'"), 1),
]


@pytest.mark.parametrize(("error", "code"), EXPECTED, ids=lambda one: type(one).__name__)
def test_each_way_to_fail_has_its_code(error: Exception, code: int) -> None:
    failure = failure_of(error)
    assert failure is not None
    assert failure.code == code


def test_wrong_client_credentials_are_no_broken_network() -> None:
    error = errors.Unreachable("No access token can be had")
    error.__cause__ = TokenUnavailable()
    failure = failure_of(error)
    assert failure is not None
    assert failure.code == ExitCode.NOT_SIGNED_IN


def test_a_fault_of_ours_is_not_passed_off_as_somebody_elses() -> None:
    assert failure_of(KeyError("x")) is None
    assert failure_of(AssertionError()) is None


def test_help_tells_every_code() -> None:
    told = TOLD.replace(", ", " ").split()
    assert {str(int(code)) for code in ExitCode} - {"141"} <= set(told)


@pytest.fixture
def told() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def out(told: io.StringIO) -> Output:
    return Output(json=True, data=io.StringIO(), people=told)


@pytest.mark.parametrize(
    "environment", [{"STRONGROOM_TOKEN": "t"}, {"STRONGROOM_CLIENT_ID": "c", "STRONGROOM_CLIENT_SECRET": "s"}]
)
async def test_a_proxy_of_no_use_is_told_with_what_helps(
    out: Output, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1")
    with pytest.raises(errors.UnusableProxy, match="pip install"):
        async with Invocation(out, environment).strongroom():
            pass


async def fail_on(names: set[str], seen: list[str], name: str, error: type[Exception]) -> None:
    seen.append(name)
    if name in names:
        raise error("x")


async def test_what_fails_keeps_nobody_else_from_being_done(out: Output, told: io.StringIO) -> None:
    seen: list[str] = []
    with pytest.raises(SomeFailed):
        await Many(out, 2).each("abcd", lambda name: fail_on({"b"}, seen, name, NotThere))
    assert sorted(seen) == list("abcd")
    (line,) = told.getvalue().splitlines()
    assert json.loads(line)["path"] == "b"


async def test_a_name_for_which_there_is_nothing_keeps_nobody_else_from_being_done(
    out: Output, told: io.StringIO
) -> None:
    seen: list[str] = []

    def listed(name: str) -> Iterator[str]:
        yield f"{name}1"
        if name == "b":
            raise NotThere("x")
        yield f"{name}2"

    with pytest.raises(SomeFailed):
        await Many(out, 2).each_of("abc", listed, lambda name: fail_on(set(), seen, name, NotThere))
    assert sorted(seen) == ["a1", "a2", "b1", "c1", "c2"]
    (line,) = told.getvalue().splitlines()
    assert json.loads(line)["path"] == "b"


async def test_where_all_fail_the_code_is_theirs(out: Output) -> None:
    with pytest.raises(CommandError) as failed:
        await Many(out).each("ab", lambda name: fail_on({"a", "b"}, [], name, NotThere))
    assert failed.value.code == ExitCode.NOT_FOUND


async def test_after_what_is_wrong_for_all_none_is_begun(out: Output) -> None:
    seen: list[str] = []
    with pytest.raises(CommandError):
        await Many(out).each("abc", lambda name: fail_on({"a"}, seen, name, errors.Unreachable))
    assert seen == ["a"]


async def test_after_a_name_that_is_wrong_for_all_none_is_listed(out: Output) -> None:
    asked: list[str] = []

    def listed(name: str) -> Sequence[str]:
        asked.append(name)
        raise errors.Unreachable("x")

    with pytest.raises(CommandError):
        await Many(out).each_of("abc", listed, lambda name: fail_on(set(), [], name, NotThere))
    assert asked == ["a"]


async def test_a_fault_of_ours_ends_all(out: Output) -> None:
    with pytest.raises(KeyError):
        await Many(out, 2).each("abc", lambda name: fail_on({"a"}, [], name, KeyError))
