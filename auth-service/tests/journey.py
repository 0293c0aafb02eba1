"""What people, apps and administrators do in their time with the service, and all that they do wrong."""

import json
from dataclasses import dataclass

import asyncpg
import httpx2
from auth_client import ADMIN, PASSWORD, AuthClient
from authenticator import Authenticator, Oddities
from browser import Browser
from console_client import Console
from factors_client import add_passkey, mfa_token, set_up_app
from oauth_app import register_app
from read_mail import Mailbox
from test_auth_tokens import claims
from wire import Wire

SECOND, WRONG, WEAK = "meadow-cobalt-91-sparrow", "not-the-right-one-17", "ada-ada-ada"
MISPLACED = "velvet-harbour-63-thimble"
COUNTESS = {"username": "countess@example.com"}


@dataclass(frozen=True, slots=True)
class Scene:
    auth: AuthClient
    browser: Browser
    mailbox: Mailbox
    sql: asyncpg.Connection
    wire: Wire

    async def post(self, path: str, token: str | None = None, /, **body: object) -> httpx2.Response:
        return await self.auth.send("POST", path, token, body)

    async def form(self, path: str, **form: str) -> httpx2.Response:
        return await self.auth.http.post(f"{self.auth.origin}{path}", data=form)


async def a_person_comes_and_forgets(scene: Scene) -> None:
    """Ends with the password that it began with, and another address."""
    auth, mailbox = scene.auth, scene.mailbox
    await auth.register()
    await auth.register()
    await auth.register(email="eve@example.com", password=WEAK)
    await auth.register(email="eve@example.com", password=SECOND)
    mail = await mailbox.newest("Confirm your email address")
    await auth.get(mail.path)
    assert (await scene.form("/auth/email/verify", token=mail.token)).status_code == 200
    assert (await scene.form("/auth/email/verify", token=mail.token)).status_code == 400
    assert (await auth.sign_in(password=WRONG)).status_code == 400
    assert (await auth.sign_in("nobody@example.com")).status_code == 400
    tokens = (await auth.sign_in()).json()
    refreshed = (await auth.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])).json()
    await auth.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"], client_id="another")
    await auth.token(grant_type="refresh_token", refresh_token=refreshed["refresh_token"], scope="admin")
    access = refreshed["access_token"]
    for current, new in ((WRONG, SECOND), (PASSWORD, WEAK), (PASSWORD, SECOND)):
        await scene.post("/auth/profile/password", access, current_password=current, new_password=new)
    assert (await auth.sign_in(password=SECOND)).status_code == 200
    await scene.post("/auth/password/forgot", email="ada@example.com")
    mail = await mailbox.newest("Choose a new password")
    await auth.get(mail.path)
    assert (await scene.form("/auth/password/reset", token=mail.token, new_password=WEAK)).status_code == 422
    for status in (204, 400):
        reset = await scene.post("/auth/password/reset", token=mail.token, new_password=PASSWORD)
        assert reset.status_code == status
    access = await auth.access_token()
    for password in (WRONG, PASSWORD):
        change = {"email": COUNTESS["username"], "current_password": password}
        await auth.send("PATCH", "/auth/profile", access, change)
    link = (await mailbox.newest("Confirm your new email address", COUNTESS["username"])).token
    assert (await scene.post("/auth/email/verify", token=link)).status_code == 200
    await scene.post("/auth/password/forgot", email=COUNTESS["username"])
    await mailbox.newest("Choose a new password", COUNTESS["username"])  # and it stays unused


async def a_person_guards_the_account(scene: Scene) -> list[str]:
    """Recovery codes that are left."""
    auth = scene.auth
    access = await auth.access_token(**COUNTESS)
    factor = await set_up_app(auth, access)
    token = await mfa_token(auth, **COUNTESS)
    for code, status in ((factor.recovery_codes[0] + "x", 400), (factor.code(), 200), (factor.recovery_codes[0], 400)):
        assert (await auth.token(grant_type="mfa", mfa_token=token, code=code)).status_code == status
    used = await auth.token(
        grant_type="mfa", mfa_token=await mfa_token(auth, **COUNTESS), code=factor.recovery_codes[0]
    )
    assert used.status_code == 200
    codes = (await scene.post("/auth/mfa/recovery-codes", access, current_password=PASSWORD)).json()["recovery_codes"]
    passkey = Authenticator()
    await add_passkey(auth, access, passkey)
    for odd, status in ((Oddities(origin="https://evil.example"), 400), (Oddities(), 200)):
        begun = (await scene.post("/auth/mfa/passkeys/authenticate/options")).json()
        credential = json.dumps(passkey.get(begun["options"], odd))
        sent = {"passkey_token": begun["passkey_token"], "credential": credential}
        assert (await auth.token(grant_type="passkey", **sent)).status_code == status
    await scene.post("/auth/mfa/passkeys/authenticate/options")
    await scene.post("/auth/mfa/passkeys/challenge", mfa_token=await mfa_token(auth, **COUNTESS))
    return list(codes)


async def a_person_uses_the_console(scene: Scene) -> None:
    """Ends signed in, by a cookie that stays."""
    console = Console(scene.auth, http=scene.auth.http)
    assert (await console.sign_in(username="nobody@example.com")).status_code == 400
    assert (await console.sign_in(**COUNTESS)).status_code == 200
    thief = Console(scene.auth, {"Sec-Fetch-Site": "cross-site"}, console.cookie, scene.auth.http)
    assert (await thief.refresh()).status_code == 400
    for more, status in (({"scope": "admin"}, 400), ({"refresh_token": MISPLACED}, 400), ({}, 200)):
        assert (await console.refresh(**more)).status_code == status


async def apps_come_and_an_admin_looks_on(scene: Scene, recovery_codes: list[str]) -> None:
    auth, browser = scene.auth, scene.browser
    admin = await auth.access_token(**ADMIN)
    app = await register_app(auth, admin)
    renewed = (await auth.send("POST", f"/auth/clients/{app.client_id}/secret", admin)).json()
    assert (await auth.token(grant_type="client_credentials", **app.credentials)).status_code == 401
    app.credentials["client_secret"] = renewed["client_secret"]
    assert (await auth.token(grant_type="client_credentials", **app.credentials)).status_code == 200
    step = await browser.sign_in(await browser.arrive(app.link()), COUNTESS["username"], WRONG)
    step = await browser.sign_in(step, COUNTESS["username"])
    assert (await browser.submit(step, code=recovery_codes[0] + "x")).status == 401
    consent = await browser.submit(step, code=recovery_codes[0])
    assert (await browser.submit(consent, csrf=scene.wire.learn("csrf", "0" * 64))).status == 400
    code = (await browser.allow(consent)).told["code"]
    tokens = (await app.redeem(code)).json()
    for wrong in ({}, {"code_verifier": scene.wire.learn("code_verifier", "v" * 43)}, {"client_secret": WRONG}):
        assert (await app.redeem(await app.code(browser) if wrong else code, **wrong)).status_code in {400, 401}
    tokens = await app.tokens(browser)
    for token in (tokens["access_token"], tokens["refresh_token"], tokens["id_token"], code):
        await app.introspect(token)
        await app.introspect(token, client_secret=WRONG)
    assert (await auth.get("/auth/userinfo", tokens["id_token"])).status_code == 401
    assert (await auth.get("/auth/userinfo", tokens["access_token"])).status_code == 200
    other = await register_app(auth, admin, public=True)
    for token in (tokens["access_token"], tokens["refresh_token"]):
        assert (await other.revoke(token)).status_code == 400
        assert (await app.revoke(token)).status_code == 200
    await app.code(browser)  # and it stays unused
    user = f"/auth/users/{claims(tokens['access_token'])['sub']}"
    await auth.send("PUT", f"{user}/roles", admin, {"roles": ["user", "ghost"]})
    for disabled in (True, False):
        await auth.send("PATCH", user, admin, {"disabled": disabled})
    await auth.delete(f"{user}/sessions", admin)
    await scene.post("/auth/keys/rotate", await auth.access_token(**ADMIN))
    for path in (user, "/auth/users", "/auth/clients", "/auth/audit?limit=200", "/auth/keys"):
        await auth.get(path, await auth.access_token(**ADMIN))


async def people_err(scene: Scene) -> None:
    """A secret in a field, a form or a header where none is expected."""
    auth, wire = scene.auth, scene.wire
    wire.learn("misplaced", MISPLACED)
    for field in ("email", "name", "password"):
        for value in (MISPLACED, [MISPLACED], {"value": MISPLACED}, f"{MISPLACED}\0", f"@{MISPLACED}", MISPLACED * 100):
            await scene.post("/auth/register", **{"email": "bob@example.com", "password": WEAK, field: value})
    access = await auth.access_token(**ADMIN)
    await auth.send("PATCH", "/auth/profile", access, {"email": MISPLACED, "current_password": [MISPLACED]})
    await auth.send("PATCH", "/auth/profile", access, [MISPLACED])
    for path in ("/auth/profile/password", "/auth/mfa/totp", "/auth/mfa/totp/confirm", "/auth/mfa/passkeys"):
        await scene.post(path, access, current_password={MISPLACED: MISPLACED}, code=MISPLACED, credential=MISPLACED)
    for path in ("/auth/password/forgot", "/auth/email/resend", "/auth/password/reset", "/auth/email/verify"):
        await scene.post(path, email=MISPLACED, token=MISPLACED * 10, new_password=[MISPLACED])
        await scene.form(path, token=MISPLACED, new_password=MISPLACED, email=MISPLACED)
        for kind in ("application/json", "text/plain", "multipart/form-data", "application/x-www-form-urlencoded"):
            content = f'{{"token": "{MISPLACED}", token={MISPLACED}&token={MISPLACED}'
            await auth.http.post(auth.origin + path, content=content, headers={"Content-Type": kind})
    for name in ("grant_type", "scope", "username", "client_id", "refresh_token", "mfa_token", "credential"):
        form = {"grant_type": "password", "username": "bob@example.com", "password": MISPLACED, name: MISPLACED}
        await auth.token(**form)
        await auth.http.post(f"{auth.origin}/auth/token", json=form)
    for scheme in ("Bearer", "Basic", MISPLACED):
        headers = {"Authorization": f"{scheme} {MISPLACED}", "Cookie": f"strongroom_browser={MISPLACED}"}
        for path in ("/auth/profile", "/auth/authorize", "/auth/token"):
            await auth.http.post(auth.origin + path, headers=headers)
            await auth.http.get(auth.origin + path, headers=headers)
