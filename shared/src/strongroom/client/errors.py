"""What can go wrong for an app that uses Strongroom, as classes.

StrongroomError
├── Unreachable            no answer came; TimedOut: not in time; whether anything was done is not known
├── UnexpectedAnswer       what came is not Strongroom's: no JSON, a redirect, another address
├── Interrupted            a transfer broke off more often than is tried again; a later call goes on with it
├── Damaged                the bytes that arrived are not those that were sent
├── SourceChanged          what is being uploaded became another while it was read
├── UnusableProxy          the proxy that is set needs a package that is not installed
└── Refused                any status from 400 on, with all that was said about it
    ├── Malformed 400, Unauthorized 401, Forbidden 403, NotFound 404, Conflict 409, Gone 410
    ├── PreconditionFailed 412, ContentTooLarge 413, Unprocessable 422, Locked 423, TooManyRequests 429
    ├── SignedOut 401          there is no session (any more): sign in
    ├── SignInRefused 400      the email, the password or the code is not right
    ├── SecondFactorNeeded 403 the password was right: go on with `account.second_factor`
    ├── NotReadYet 409         what is inside the file is still being found out
    ├── EventsGone 410         what happened since then is not all known any more: list anew
    ├── UnreadableFile 422     what was asked for cannot be found in such a file
    ├── QuotaExceeded 507      `left` bytes of room are left
    └── ServerError 5xx; Unavailable 502, 503, 504: the same call may succeed later

`except NotFound` is enough for most; `slug` tells which one, and never changes.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar


class StrongroomError(Exception):
    """None of them, nor what caused it, holds a token or a password."""


class Unreachable(StrongroomError):
    """No answer came. Whether anything was done is not known, unless the call only reads (RFC 9110 §9.2.1)."""


class TimedOut(Unreachable):
    """The deadline passed first."""


class UnexpectedAnswer(StrongroomError):
    """Something answers there that is not Strongroom, or not as it should. `status` is that of the answer."""

    def __init__(self, reason: str, status: int | None = None) -> None:
        super().__init__(reason if status is None else f"{reason} (HTTP {status})")
        self.status = status


class Interrupted(StrongroomError):
    """A transfer broke off more often than is tried again. What has arrived is kept: a later call goes on there."""


class Damaged(StrongroomError):
    """The SHA-256 of what arrived is not that of what was sent. On downloads nothing is left of it."""


class SourceChanged(StrongroomError):
    """What is being uploaded became another while it was read."""


class UnusableProxy(StrongroomError):
    """A SOCKS proxy is set, as by ALL_PROXY, and the package that speaks to those is not installed."""


class Refused(StrongroomError):
    """An answer with a status from 400 on: problem+json (RFC 9457), an OAuth error (RFC 6749 §5.2), or anything else.

    `slug` is the stable name of the problem (`path-taken`, `invalid_grant`), or `http-502` where none was told;
    `members` are the other members of the problem document; `retry_after` is in seconds, 0 where nothing is asked.
    """

    usual_status: ClassVar[int] = 0
    usual_slug: ClassVar[str] = "refused"
    usual_title: ClassVar[str] = "Refused"

    def __init__(
        self,
        title: str | None = None,
        *,
        status: int | None = None,
        slug: str | None = None,
        detail: str | None = None,
        members: Mapping[str, object] | None = None,
        retry_after: float = 0.0,
        request_id: str | None = None,
    ) -> None:
        self.title = title or self.usual_title
        self.status = self.usual_status if status is None else status
        self.slug = slug or self.usual_slug
        self.detail = detail
        self.members = dict(members or {})
        self.retry_after = retry_after
        self.request_id = request_id
        super().__init__(f"{self.title}: {detail}" if detail else self.title)


class Malformed(Refused):
    usual_status = 400
    usual_slug = "bad-request"


class Unauthorized(Refused):
    usual_status = 401
    usual_slug = "unauthenticated"


class SignedOut(Unauthorized):
    """There is no session: nobody signed in, it ended, or it was ended from elsewhere. Signing in helps."""

    usual_slug = "signed-out"
    usual_title = "Sign in first"


class Forbidden(Refused):
    usual_status = 403
    usual_slug = "forbidden"


class NotFound(Refused):
    """Also what is somebody else's."""

    usual_status = 404
    usual_slug = "not-found"
    usual_title = "There is nothing here"


class Conflict(Refused):
    usual_status = 409
    usual_slug = "conflict"


class Gone(Refused):
    usual_status = 410
    usual_slug = "gone"


class PreconditionFailed(Refused):
    """What is there is not what `if_match` or `if_none_match` expects."""

    usual_status = 412
    usual_slug = "precondition-failed"


class ContentTooLarge(Refused):
    usual_status = 413
    usual_slug = "content-too-large"


class Unprocessable(Refused):
    """`members["errors"]`, where it is there, names each field that is not right."""

    usual_status = 422
    usual_slug = "invalid-request"


class Locked(Refused):
    usual_status = 423
    usual_slug = "upload-locked"


class TooManyRequests(Refused):
    usual_status = 429
    usual_slug = "too-many-requests"


class ServerError(Refused):
    usual_status = 500
    usual_slug = "internal-error"


class Unavailable(ServerError):
    """A part of it does not answer now; the same call may succeed later."""

    usual_status = 503
    usual_slug = "unavailable"


class SignInRefused(Refused):
    """The email, the password or the code is not right, or there were too many attempts (`retry_after`)."""

    usual_status = 400
    usual_slug = "invalid_grant"


class SecondFactorNeeded(Forbidden):
    """`methods` are some of `totp`, `passkey`, `recovery_code`; `mfa_token` is good for a few minutes."""

    usual_slug = "mfa_required"

    @property
    def methods(self) -> Sequence[str]:
        found = self.members.get("mfa_methods")
        return [str(one) for one in found] if isinstance(found, list) else []

    @property
    def mfa_token(self) -> str:
        return str(self.members.get("mfa_token", ""))


class NotReadYet(Conflict):
    """What is inside the file is still being found out: ask again in a moment."""

    usual_slug = "not-derived-yet"


class UnreadableFile(Unprocessable):
    """`members["reason"]` says why."""

    usual_slug = "unreadable-file"


class EventsGone(Gone):
    """Not all that has happened since then is known any more: list the files anew."""

    usual_slug = "events-gone"


class QuotaExceeded(Refused):
    """507 (RFC 4918 §11.5)."""

    usual_status = 507
    usual_slug = "quota-exceeded"

    @property
    def left(self) -> int | None:
        """Bytes that there is room for, where it was told."""
        found = self.members.get("left")
        return found if isinstance(found, int) else None
