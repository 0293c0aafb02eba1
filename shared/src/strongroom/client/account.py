"""The account of whoever uses the app: registering, signing in and out, sessions."""

from collections.abc import Sequence
from uuid import UUID

from strongroom.client.account_models import Profile, Session
from strongroom.client.connection import Connection
from strongroom.client.person_tokens import PersonTokens
from strongroom.client.token_store import KeptTokens
from strongroom.token_source import TokenSource


class AsyncAccount:
    def __init__(self, connection: Connection, tokens: TokenSource) -> None:
        self._connection = connection
        self._tokens = tokens

    async def register(self, email: str, password: str, name: str | None = None) -> Profile:
        """Does not sign in. Raises Conflict (`email-taken`), Unprocessable (`weak-password`, `invalid-email`)."""
        wanted = {"email": email, "password": password, "name": name}
        return await self._connection.ask(Profile, "POST", "/auth/register", json=wanted, anonymous=True)

    async def sign_in(self, email: str, password: str, *, scope: str | None = None) -> None:
        """`scope` is what to ask for; left out, all that there is. Raises SignInRefused, SecondFactorNeeded."""
        await self._of_person().sign_in(email, password, scope=scope)

    async def second_factor(self, mfa_token: str, *, code: str | None = None, credential: str | None = None) -> None:
        """The rest of a sign-in that raised SecondFactorNeeded. `code` is of an authenticator app or a recovery code,
        `credential` what `navigator.credentials.get` gave, as JSON. Raises SignInRefused.
        """
        await self._of_person().second_factor(mfa_token, code=code, credential=credential)

    async def redeem(self, code: str, *, redirect_uri: str, code_verifier: str) -> None:
        """The end of a sign-in in a browser (RFC 6749 §4.1.3, RFC 7636 §4.5). Raises SignInRefused."""
        await self._of_person().redeem(code, redirect_uri=redirect_uri, code_verifier=code_verifier)

    async def adopt(self, tokens: KeptTokens) -> None:
        """Goes on with tokens that were got in another way."""
        await self._of_person().adopt(tokens)

    async def sign_out(self) -> None:
        """Ends this session. Its tokens are forgotten here even where nobody answers, which raises Unreachable."""
        await self._of_person().sign_out()

    async def profile(self) -> Profile:
        return await self._connection.ask(Profile, "GET", "/auth/profile")

    async def rename(self, name: str | None) -> Profile:
        return await self._connection.ask(Profile, "PATCH", "/auth/profile", json={"name": name})

    async def change_password(self, current_password: str, new_password: str) -> None:
        """Ends every other session. Raises Forbidden (`wrong-password`), Unprocessable (`weak-password`)."""
        wanted = {"current_password": current_password, "new_password": new_password}
        await self._connection.tell("POST", "/auth/profile/password", json=wanted)

    async def delete(self) -> None:
        """The account with all its files, for good."""
        await self._connection.tell("DELETE", "/auth/profile")

    async def sessions(self) -> Sequence[Session]:
        """The one used last first."""
        return await self._connection.ask_all(Session, "/auth/sessions")

    async def end_session(self, session_id: UUID | str) -> None:
        """Raises NotFound."""
        await self._connection.tell("DELETE", f"/auth/sessions/{UUID(str(session_id))}")

    async def end_sessions(self) -> None:
        """Signs out everywhere, here too."""
        await self._connection.tell("DELETE", "/auth/sessions")

    def _of_person(self) -> PersonTokens:
        if not isinstance(self._tokens, PersonTokens):
            raise TypeError("this client has tokens of a program: it signs nobody in or out")
        return self._tokens
