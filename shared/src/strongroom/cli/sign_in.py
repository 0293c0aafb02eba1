"""Signs a person in: in the browser by code and PKCE (RFC 8252, RFC 7636), or by a password that is typed here."""

import asyncio
import base64
import secrets
import sys
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from urllib.parse import urlencode

from strongroom.cli.failures import NotSignedIn
from strongroom.cli.loopback import Listener
from strongroom.cli.output import Output
from strongroom.cli.prompts import Prompts
from strongroom.client import AsyncStrongroom, SecondFactorNeeded

CLIENT_ID = "strongroom-cli"
_PATIENCE = 600.0


async def in_browser(strongroom: AsyncStrongroom, url: str, out: Output, *, scope: str | None, opens: bool) -> None:
    """Raises NotSignedIn."""
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    async with Listener(state).listening() as listener:
        address = _address(url, listener.redirect_uri, state, verifier, scope)
        if not (opens and await asyncio.to_thread(webbrowser.open, address)):
            out.people.write(f"Open this address in a browser:\n\n{address}\n\n")
            out.note("If the browser ends up on a page that does not load, paste its address here.")
        else:
            out.note("Go on in the browser. Nothing there? strongroom login --no-browser")
        out.people.flush()
        with _pasted(listener):
            told = await _answer(listener)
        if "code" not in told:
            raise NotSignedIn(told.get("error_description") or "The sign-in was refused")
        await strongroom.account.redeem(told["code"], redirect_uri=listener.redirect_uri, code_verifier=verifier)


async def by_password(strongroom: AsyncStrongroom, email: str, prompts: Prompts, *, scope: str | None) -> None:
    """Raises SignInRefused, NotSignedIn."""
    try:
        await strongroom.account.sign_in(email, prompts.password(), scope=scope)
    except SecondFactorNeeded as needed:
        if not {"totp", "recovery_code"} & set(needed.methods):
            raise NotSignedIn("This account signs in with a passkey: strongroom login") from None
        await strongroom.account.second_factor(needed.mfa_token, code=prompts.code())


def _address(url: str, redirect_uri: str, state: str, verifier: str, scope: str | None) -> str:
    challenge = base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": redirect_uri,
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        **({"scope": scope} if scope else {}),
    }
    return f"{url}/auth/authorize?{urlencode(asked)}"


async def _answer(listener: Listener) -> dict[str, str]:
    try:
        async with asyncio.timeout(_PATIENCE):
            return await listener.answer
    except TimeoutError:
        raise NotSignedIn("Nobody came back from the browser") from None


@contextmanager
def _pasted(listener: Listener) -> Iterator[None]:
    """On a machine without a browser: the address that a browser elsewhere could not load has the code in it."""
    if not sys.stdin.isatty() or sys.platform == "win32":
        yield
        return
    loop = asyncio.get_running_loop()

    def read() -> None:
        line = sys.stdin.readline()
        if not line:
            loop.remove_reader(sys.stdin)
        elif line.strip() and not listener.take(line):
            sys.stderr.write("That is not the address of this sign-in.\n")

    loop.add_reader(sys.stdin, read)
    try:
        yield
    finally:
        loop.remove_reader(sys.stdin)
