"""Asks the token endpoint for a person's tokens (RFC 6749) and gives them back (RFC 7009)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from pydantic import Field

from strongroom.client.connection import Connection
from strongroom.client.token_store import KeptTokens
from strongroom.client.wire import Wire

_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
_LONGEST_LIFETIME = 86_400


class _Granted(Wire):
    access_token: str = Field(repr=False, pattern=r"^[A-Za-z0-9._~+/-]{1,8192}=*$")  # RFC 6750 §2.1
    token_type: str = Field(pattern=r"(?i)^bearer$")
    expires_in: float = Field(default=60, gt=0)
    refresh_token: str | None = Field(default=None, repr=False, min_length=1, max_length=8192)
    scope: str = ""


class TokenEndpoint:
    """`client_id` is that of a public client (RFC 6749 §2.1), None for Strongroom's own."""

    def __init__(
        self,
        connection: Connection,
        client_id: str | None,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._connection = connection
        self._client_id = client_id
        self._clock = clock

    async def granted(self, grant_type: str, *, deadline: float | None = None, **form: str | None) -> KeptTokens:
        """Raises Refused as SignInRefused, SecondFactorNeeded and others; Unreachable, UnexpectedAnswer."""
        asked_at = self._clock()  # it lives from some moment after this one
        content = self._form({"grant_type": grant_type, **form})
        answer = await self._connection.ask(
            _Granted, "POST", "/auth/token", content=content, headers=_FORM, anonymous=True, deadline=deadline
        )
        return KeptTokens(
            access_token=answer.access_token,
            refresh_token=answer.refresh_token,
            issued_at=asked_at,
            expires_at=asked_at + timedelta(seconds=min(answer.expires_in, _LONGEST_LIFETIME)),
            scope=answer.scope,
            client_id=self._client_id,
            origin=self._connection.origin,
        )

    async def revoke(self, token: str) -> None:
        """With a refresh token ends its whole session."""
        content = self._form({"token": token})
        await self._connection.tell("POST", "/auth/revoke", content=content, headers=_FORM, anonymous=True)

    def _form(self, values: dict[str, str | None]) -> bytes:
        own = {"client_id": self._client_id, **values}
        return urlencode({name: value for name, value in own.items() if value is not None}).encode()
