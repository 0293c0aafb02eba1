"""Gets access tokens for a person who has signed in, and carries the session on."""

import asyncio
import math
import ssl
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from strongroom.client.connection import Connection, http_client
from strongroom.client.errors import Refused, SignedOut, SignInRefused, StrongroomError, Unavailable, Unreachable
from strongroom.client.token_endpoint import TokenEndpoint
from strongroom.client.token_store import KeptTokens, MemoryTokenStore, TokenStore
from strongroom.retrying import back_off

# A spent refresh token gives the same successor again for ten seconds: for so long it is safe to ask again.
_SAFE_SECONDS = 8.0
_COOLDOWN = 1.0


class PersonTokens:
    """A `TokenSource` whose tokens come from a sign-in and are kept in `store`.

    - A token is renewed a minute before it expires (of a short one, in its last quarter).
    - One renewal at a time, whoever waits. Who is cancelled does not stop it: the refresh token that it used up is good
      no more, so its successor is written down in any case.
    - Several processes may have the same store. Each looks there before it renews: another may have done so.
    - A renewal that is refused is SignedOut, and the store is cleared.
    - What somebody else puts there, of another server or another account, is not taken over: that is SignedOut too.

    It belongs to one client, and is closed with it.
    """

    def __init__(
        self,
        url: str,
        store: TokenStore | None = None,
        *,
        client_id: str | None = None,
        verify: ssl.SSLContext | bool = True,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store or MemoryTokenStore()
        self._connection = Connection(url, None, http_client(url, verify), deadline=30.0)
        self._endpoint = TokenEndpoint(self._connection, client_id, clock=clock)
        self._clock = clock
        # Not the loop's own threads: whoever has the lock needs one of those to go on, and others wait without end.
        self._waiting = ThreadPoolExecutor(1, "strongroom tokens")
        self._held: KeptTokens | None = None
        self._account: str | None = None  # whose tokens were held last
        self._refused: str | None = None
        self._renewal: asyncio.Task[KeptTokens] | None = None
        self._next_discard_at = -math.inf

    async def token(self) -> str:
        """Raises SignedOut; Unreachable where nobody answers."""
        held = self._held or await self._loaded()
        if not self._is_good(held):
            # Shielded: others wait for the same, and it is never broken off.
            return (await asyncio.shield(self._renewing())).access_token
        if self._is_old(held):
            self._renewing()
        return held.access_token

    def discard(self, token: str) -> None:
        now = time.monotonic()
        if self._held is not None and self._held.access_token == token and now >= self._next_discard_at:
            self._refused = token
            self._next_discard_at = now + _COOLDOWN

    async def kept(self) -> KeptTokens | None:
        """What the store has, as it is."""
        return await asyncio.to_thread(self._store.load)

    async def sign_in(self, email: str, password: str, *, scope: str | None = None) -> None:
        """Raises SignInRefused, SecondFactorNeeded."""
        await self.adopt(await self._endpoint.granted("password", username=email, password=password, scope=scope))

    async def second_factor(self, mfa_token: str, *, code: str | None = None, credential: str | None = None) -> None:
        """`code` is of an authenticator app or a recovery code, `credential` a WebAuthn answer as JSON.

        Raises SignInRefused.
        """
        await self.adopt(await self._endpoint.granted("mfa", mfa_token=mfa_token, code=code, credential=credential))

    async def redeem(self, code: str, *, redirect_uri: str, code_verifier: str) -> None:
        """Of an authorization code with PKCE (RFC 6749 §4.1.3, RFC 7636 §4.5). Raises SignInRefused."""
        await self.adopt(
            await self._endpoint.granted(
                "authorization_code", code=code, redirect_uri=redirect_uri, code_verifier=code_verifier
            )
        )

    async def sign_out(self) -> None:
        """Ends the session, and forgets its tokens even where nobody can be told of it (raises Unreachable then)."""
        async with self._exclusive():
            kept = await self.kept()
            own = kept is None or self._is_own(kept)
            if own:
                await asyncio.to_thread(self._store.clear)
            self._held = self._account = None
        if kept is not None and own:
            await self._endpoint.revoke(kept.refresh_token or kept.access_token)

    async def adopt(self, tokens: KeptTokens) -> None:
        """In place of those that there are: tokens got in another way. Raises ValueError for another server's."""
        if not self._is_from_here(tokens):
            raise ValueError(f"these tokens are of {tokens.origin}")
        tokens = tokens.model_copy(update={"origin": self._connection.origin})
        async with self._exclusive():
            self._hold(tokens)
            await asyncio.to_thread(self._store.save, tokens)

    async def _loaded(self) -> KeptTokens:
        kept = await self.kept()
        if kept is None or not self._is_own(kept):
            self._held = None
            raise SignedOut
        return self._hold(kept)

    def _hold(self, tokens: KeptTokens) -> KeptTokens:
        self._held, self._account = tokens, tokens.account
        return tokens

    def _is_own(self, kept: KeptTokens) -> bool:
        return self._is_from_here(kept) and self._account in {None, kept.account}

    def _is_from_here(self, tokens: KeptTokens) -> bool:
        return tokens.origin in {None, self._connection.origin}

    def _is_good(self, tokens: KeptTokens) -> bool:
        left, lifetime = self._left(tokens)
        return tokens.access_token != self._refused and left > min(10.0, lifetime / 8)

    def _is_old(self, tokens: KeptTokens) -> bool:
        left, lifetime = self._left(tokens)
        return left <= min(60.0, lifetime / 4)

    def _left(self, tokens: KeptTokens) -> tuple[float, float]:
        left = (tokens.expires_at - self._clock()).total_seconds()
        return left, (tokens.expires_at - tokens.issued_at).total_seconds()

    def _renewing(self) -> asyncio.Task[KeptTokens]:
        if self._renewal is None:
            self._renewal = asyncio.create_task(self._renew())
            self._renewal.add_done_callback(self._renewed)
        return self._renewal

    def _renewed(self, task: asyncio.Task[KeptTokens]) -> None:
        self._renewal = None
        if not task.cancelled():
            task.exception()  # marks it as seen: nobody waits for a background renewal

    async def _renew(self) -> KeptTokens:
        async with self._exclusive():
            kept = await self._loaded()
            if self._is_good(kept) and not self._is_old(kept):
                return kept
            successor = self._hold(await self._successor(kept))
            await asyncio.to_thread(self._store.save, successor)
            return successor

    async def _successor(self, kept: KeptTokens) -> KeptTokens:
        if kept.refresh_token is None:
            return await self._forgotten()
        try:
            tokens = await self._refreshed(kept.refresh_token)
        except (SignInRefused, SignedOut):
            return await self._forgotten()
        return tokens if tokens.refresh_token else tokens.model_copy(update={"refresh_token": kept.refresh_token})

    async def _forgotten(self) -> KeptTokens:
        await asyncio.to_thread(self._store.clear)
        self._held = None
        # Without its cause: who refused says no more than that.
        raise SignedOut("The session has ended") from None

    async def _refreshed(self, refresh_token: str) -> KeptTokens:
        until = time.monotonic() + _SAFE_SECONDS
        attempt = 0
        while True:
            left = until - time.monotonic()
            try:
                return await self._endpoint.granted("refresh_token", refresh_token=refresh_token, deadline=left)
            except (Unreachable, Unavailable) as error:
                pause = max(back_off(attempt), error.retry_after if isinstance(error, Refused) else 0.0)
                if time.monotonic() + pause >= until:
                    raise
            attempt += 1
            await asyncio.sleep(pause)

    @asynccontextmanager
    async def _exclusive(self) -> AsyncIterator[None]:
        held = self._store.exclusive()
        entering = asyncio.get_running_loop().run_in_executor(self._waiting, held.__enter__)
        try:
            await asyncio.shield(entering)
        except asyncio.CancelledError:
            # The thread goes on waiting: what it gets then is given back.
            entering.add_done_callback(lambda _: held.__exit__(None, None, None))
            raise
        try:
            yield
        finally:
            held.__exit__(None, None, None)

    async def aclose(self) -> None:
        """After a renewal that is under way: its token must be written down."""
        try:
            if self._renewal is not None:
                with suppress(StrongroomError):
                    await asyncio.shield(self._renewal)
        finally:
            self._waiting.shutdown(wait=False)
            await self._connection.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
