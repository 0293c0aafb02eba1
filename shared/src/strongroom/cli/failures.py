"""What went wrong, in words for people and a code for scripts."""

from dataclasses import dataclass
from typing import Any

from strongroom.cli.exit_codes import ExitCode


class CommandError(Exception):
    """Ends the command with a line and a code. `slug` is its stable name."""

    code = ExitCode.FAILED
    slug = "failed"
    is_told = False


class WrongUsage(CommandError):
    code = ExitCode.USAGE
    slug = "usage"


class NotSignedIn(CommandError):
    code = ExitCode.NOT_SIGNED_IN
    slug = "signed-out"


class NotThere(CommandError):
    code = ExitCode.NOT_FOUND
    slug = "not-found"


class AlreadyThere(CommandError):
    code = ExitCode.CONFLICT
    slug = "exists"


class SomeFailed(CommandError):
    """Each was told as it happened."""

    code = ExitCode.PARTLY
    slug = "some-failed"


@dataclass(frozen=True, slots=True)
class Failure:
    code: ExitCode
    text: str
    slug: str

    def members(self) -> dict[str, Any]:
        return {"event": "error", "error": self.slug, "message": self.text, "exit_code": int(self.code)}


def failure_of(error: Exception) -> Failure | None:
    """None for what is a fault of ours, and nobody's to read but as a traceback."""
    if isinstance(error, CommandError):
        return Failure(error.code, str(error), error.slug)
    if isinstance(error, OSError):
        return Failure(_of_system(error), _told(error), "local")
    from strongroom.cli.refusals import failure_of_client

    return failure_of_client(error)


def _of_system(error: OSError) -> ExitCode:
    if isinstance(error, FileNotFoundError):
        return ExitCode.NOT_FOUND
    if isinstance(error, FileExistsError):
        return ExitCode.CONFLICT
    return ExitCode.FAILED


def _told(error: OSError) -> str:
    reason = error.strerror or type(error).__name__
    return f"{error.filename}: {reason}" if error.filename is not None else reason
