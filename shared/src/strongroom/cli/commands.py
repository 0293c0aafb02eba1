"""Makes a command of an asynchronous function: the options that all have, and how each ends."""

import inspect
import os
import sys
from collections.abc import Callable, Coroutine
from dataclasses import replace
from functools import wraps
from typing import Annotated, Any, get_type_hints

import typer

from strongroom.cli.exit_codes import ExitCode
from strongroom.cli.failures import CommandError, failure_of
from strongroom.cli.invocation import Invocation
from strongroom.cli.output import Output

Json = Annotated[bool, typer.Option("--json", help="One JSON document a line, and nothing for people.")]
ProfileName = Annotated[
    str | None, typer.Option("--profile", metavar="NAME", help="Which sign-in (STRONGROOM_PROFILE).")
]
Url = Annotated[str | None, typer.Option("--url", metavar="URL", help="Which Strongroom (STRONGROOM_URL).")]
_COMMON = {"json": (Json, False), "profile": (ProfileName, None), "url": (Url, None)}

Work = Callable[..., Coroutine[Any, Any, None]]


def command(app: typer.Typer, name: str | None = None, *, go_on: str = "") -> Callable[[Work], Work]:
    """Adds `work(invocation, …)` to `app`. `go_on` is what to do after Ctrl-C, where that is not obvious."""

    def register(work: Work) -> Work:
        own = get_type_hints(work, include_extras=True)

        @wraps(work)
        def call(ctx: typer.Context, **given: Any) -> None:
            common = {key: given.pop(key) for key in _COMMON}
            run(work, invoked(ctx, **common), given, go_on)

        parameters = [
            inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context),
            *(
                one.replace(annotation=own[one.name], kind=inspect.Parameter.KEYWORD_ONLY)
                for one in list(inspect.signature(work).parameters.values())[1:]
            ),
            *(
                inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, annotation=kind, default=default)
                for key, (kind, default) in _COMMON.items()
            ),
        ]
        call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        call.__annotations__ = {one.name: one.annotation for one in parameters}
        app.command(name)(call)
        return work

    return register


def invoked(ctx: typer.Context, *, json: bool, profile: str | None, url: str | None) -> Invocation:
    """What is said behind the command counts more than what is said before it."""
    before = ctx.obj if isinstance(ctx.obj, Invocation) else Invocation(Output.standard(json=False), os.environ)
    return replace(
        before,
        out=Output.standard(json=json or before.out.json),
        profile_name=profile or before.profile_name,
        given_url=url or before.given_url,
    )


def run(work: Work, invocation: Invocation, given: dict[str, Any], go_on: str = "") -> None:
    """Never with a traceback for what others did."""
    import asyncio  # not for those who only ask for help
    import logging

    logging.getLogger("strongroom").addHandler(logging.NullHandler())  # what it has to say is told by errors
    try:
        asyncio.run(work(invocation, **given))
        sys.stdout.flush()
    except KeyboardInterrupt:
        invocation.out.failure(f"Interrupted. {go_on}".rstrip(), _interrupted(go_on))
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    except BrokenPipeError:
        _leave_the_pipe()
        raise typer.Exit(ExitCode.CLOSED_PIPE) from None
    except Exception as error:
        failure = failure_of(error)
        if failure is None:
            raise
        if not (isinstance(error, CommandError) and error.is_told):
            invocation.out.failure(failure.text, failure.members())
        raise typer.Exit(failure.code) from None


def _interrupted(go_on: str) -> dict[str, Any]:
    return {"event": "error", "error": "interrupted", "message": go_on, "exit_code": int(ExitCode.INTERRUPTED)}


def _leave_the_pipe() -> None:
    """Whoever read has gone: what is still in a buffer must not be written at the end, which would fail again."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stdout.fileno())
