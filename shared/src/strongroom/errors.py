"""The outcomes that are not success, each with the HTTP status and the stable slug it is rendered with.

AppError
├── BadRequest 400, Unauthorized 401, Forbidden 403, NotFound 404, Conflict 409
├── ContentTooLarge 413, UnsupportedMediaType 415, Unprocessable 422, TooManyRequests 429
└── Unavailable 503

A service subclasses these beside the code that raises them; nothing here knows HTTP beyond the number.
"""

from collections.abc import Mapping
from typing import ClassVar


class AppError(Exception):
    """An expected outcome. `detail` is shown to the client, so it never carries a secret or another's data.

    `members` are added to the problem document, for programs (RFC 9457 §3.2).
    """

    status: ClassVar[int] = 500
    slug: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Something went wrong on our side"

    def __init__(self, detail: str | None = None, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.headers = dict(headers or {})
        self.members: dict[str, object] = {}


class BadRequest(AppError):
    status = 400
    slug = "bad-request"
    title = "The request cannot be understood"


class Unauthorized(AppError):
    """401 in RFC 9110's sense: nobody is signed in. Always comes with a `WWW-Authenticate` challenge (RFC 6750 §3)."""

    status = 401
    slug = "unauthenticated"
    title = "Sign in first"
    challenge: ClassVar[str] = "Bearer"

    def __init__(self, detail: str | None = None, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": self.challenge, **(headers or {})})


class Forbidden(AppError):
    status = 403
    slug = "forbidden"
    title = "You may not do this"


class NotFound(AppError):
    status = 404
    slug = "not-found"
    title = "There is nothing here"


class Conflict(AppError):
    status = 409
    slug = "conflict"
    title = "This clashes with what is already there"


class ContentTooLarge(AppError):
    status = 413
    slug = "content-too-large"
    title = "The request body is larger than allowed"


class UnsupportedMediaType(AppError):
    status = 415
    slug = "unsupported-media-type"
    title = "The request body is of a type this address does not take"


class Unprocessable(AppError):
    status = 422
    slug = "invalid-request"
    title = "The request is well-formed but its content is not acceptable"


class TooManyRequests(AppError):
    status = 429
    slug = "too-many-requests"
    title = "Too many requests"


class Unavailable(AppError):
    """503: a part this service depends on does not answer now. The same request may succeed later."""

    status = 503
    slug = "unavailable"
    title = "A part of the system does not answer"


class InvalidToken(Unauthorized):
    """RFC 6750 §3.1 `invalid_token`: malformed, tampered with, of another issuer or audience, or of an unknown key."""

    slug = "invalid-token"
    title = "The access token is not valid"
    challenge = 'Bearer error="invalid_token", error_description="The access token is not valid"'


class ExpiredToken(InvalidToken):
    slug = "expired-token"
    title = "The access token expired"
    challenge = 'Bearer error="invalid_token", error_description="The access token expired"'


class RevokedToken(InvalidToken):
    """Genuine and not expired, but its session was ended, its account disabled, or it was itself taken back."""

    slug = "revoked-token"
    title = "The access token was revoked"
    challenge = 'Bearer error="invalid_token", error_description="The access token was revoked"'


class InsufficientScope(Forbidden):
    """RFC 6750 §3.1 `insufficient_scope`."""

    slug = "insufficient-scope"
    title = "The access token does not allow this"

    def __init__(self, needed: str) -> None:
        challenge = f'Bearer error="insufficient_scope", scope="{needed}"'
        super().__init__(f"This needs the scope: {needed}", headers={"WWW-Authenticate": challenge})


class KeysUnavailable(Unavailable):
    """No key set was ever fetched, so no token can be judged. Not the token's fault, hence not a 401."""

    slug = "keys-unavailable"
    title = "The keys to verify tokens with cannot be fetched"
