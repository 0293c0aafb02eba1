"""People are told by mail when their second factors change, whoever changed them."""

from auth_client import ADMIN, AuthClient
from authenticator import Authenticator
from factors_client import KNOWN, add_passkey, set_up_app
from read_mail import Mailbox

SUBJECT = "How you sign in was changed"


async def told(mailbox: Mailbox, count: int) -> str:
    """The newest of so many."""
    return (await mailbox.newest(SUBJECT, count=count)).text


async def test_every_change_is_told(auth: AuthClient, mailbox: Mailbox) -> None:
    await auth.register()
    ada = await auth.access_token()
    await set_up_app(auth, ada)
    assert "an authenticator app was added" in await told(mailbox, 1)
    passkey = await add_passkey(auth, ada, Authenticator())
    assert "a passkey was added" in await told(mailbox, 2)
    await auth.send("POST", "/auth/mfa/recovery-codes", ada, KNOWN)
    assert "the recovery codes were replaced" in await told(mailbox, 3)
    await auth.send("DELETE", f"/auth/mfa/passkeys/{passkey['id']}", ada, KNOWN)
    assert "a passkey was removed" in await told(mailbox, 4)
    await auth.send("DELETE", "/auth/mfa/totp", ada, KNOWN)
    assert "the authenticator app was removed" in await told(mailbox, 5)


async def test_what_an_administrator_takes_away_is_told_too(auth: AuthClient, mailbox: Mailbox) -> None:
    account = (await auth.register()).json()["id"]
    await set_up_app(auth, await auth.access_token())
    await auth.delete(f"/auth/users/{account}/mfa", await auth.access_token(**ADMIN))
    assert "all second factors were removed" in await told(mailbox, 2)


async def test_what_is_refused_is_not_told(auth: AuthClient, mailbox: Mailbox) -> None:
    account = (await auth.register()).json()["id"]
    ada = await auth.access_token()
    wrong = {"current_password": "wrong"}
    await auth.send("DELETE", "/auth/mfa/totp", ada, wrong)
    await auth.send("DELETE", "/auth/mfa/totp", ada, KNOWN)
    await auth.delete(f"/auth/users/{account}/mfa", await auth.access_token(**ADMIN))  # there is nothing to take away
    await set_up_app(auth, ada)
    await told(mailbox, 1)
    assert len([mail for mail in mailbox.all() if mail.subject == SUBJECT]) == 1
