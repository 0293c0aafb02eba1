"""What the client library raises, as a code for scripts."""

from strongroom.cli.exit_codes import ExitCode
from strongroom.cli.failures import Failure
from strongroom.client import errors
from strongroom.token_source import TokenUnavailable

_SIGN_IN = "Sign in first: strongroom login"
# The first that fits.
_CODES: tuple[tuple[type[Exception], ExitCode], ...] = (
    (errors.SecondFactorNeeded, ExitCode.NOT_SIGNED_IN),
    (errors.SignInRefused, ExitCode.NOT_SIGNED_IN),
    (errors.Unauthorized, ExitCode.NOT_SIGNED_IN),
    (errors.Forbidden, ExitCode.REFUSED),
    (errors.NotFound, ExitCode.NOT_FOUND),
    (errors.Gone, ExitCode.NOT_FOUND),
    (errors.Conflict, ExitCode.CONFLICT),
    (errors.PreconditionFailed, ExitCode.CONFLICT),
    (errors.Locked, ExitCode.CONFLICT),
    (errors.QuotaExceeded, ExitCode.TOO_LARGE),
    (errors.ContentTooLarge, ExitCode.TOO_LARGE),
    (errors.Unavailable, ExitCode.UNREACHABLE),
    (errors.Unreachable, ExitCode.UNREACHABLE),
    (errors.Interrupted, ExitCode.UNREACHABLE),
)


def failure_of_client(error: Exception) -> Failure | None:
    if not isinstance(error, errors.StrongroomError):
        return Failure(ExitCode.FAILED, str(error), "invalid") if isinstance(error, ValueError) else None
    if isinstance(error.__cause__, TokenUnavailable):
        return Failure(ExitCode.NOT_SIGNED_IN, "No token can be had with these client credentials", "signed-out")
    code = next((code for kind, code in _CODES if isinstance(error, kind)), ExitCode.FAILED)
    text = _SIGN_IN if isinstance(error, errors.SignedOut) else str(error)
    return Failure(code, text, getattr(error, "slug", type(error).__name__.lower()))
