"""Authenticator apps and recovery codes, as people use them and as others try to."""

import asyncio
import json
import time
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from auth_client import ADMIN, AuthClient
from factors_client import KNOWN, App, events, mfa_token, send_as_is, set_up_app


@pytest.fixture
async def ada(auth: AuthClient) -> str:
    """Her access token."""
    await auth.register()
    return await auth.access_token()


@pytest.fixture
async def app(auth: AuthClient, ada: str) -> App:
    return await set_up_app(auth, ada)


async def redeem(auth: AuthClient, token: str, code: str) -> int:
    return (await auth.token(grant_type="mfa", mfa_token=token, code=code)).status_code


async def test_with_an_app_the_password_alone_is_not_enough(auth: AuthClient, app: App) -> None:
    refused = await auth.sign_in(scope="files:read")
    body = refused.json()
    assert (refused.status_code, body["error"]) == (403, "mfa_required")
    assert body["mfa_methods"] == ["totp", "recovery_code"]
    assert refused.headers["cache-control"] == "no-store"
    assert "access_token" not in body
    answer = await auth.token(grant_type="mfa", mfa_token=body["mfa_token"], code=app.code())
    assert answer.status_code == 200
    assert answer.json()["scope"] == "files:read"
    assert (await auth.get("/auth/profile", answer.json()["access_token"])).status_code == 200


async def test_an_app_that_is_not_confirmed_changes_nothing(auth: AuthClient, ada: str) -> None:
    await auth.send("POST", "/auth/mfa/totp", ada, KNOWN)
    assert (await auth.sign_in()).status_code == 200
    assert (await auth.get("/auth/mfa", ada)).json() == {"totp": False, "passkeys": 0, "recovery_codes_left": 0}


async def test_the_uri_tells_an_app_all_it_needs(auth: AuthClient, ada: str) -> None:
    answer = await auth.send("POST", "/auth/mfa/totp", ada, KNOWN)
    assert answer.headers["cache-control"] == "no-store"
    uri = urlsplit(answer.json()["otpauth_uri"])
    assert (uri.scheme, uri.netloc, uri.path) == ("otpauth", "totp", "/Strongroom:ada%40example.com")
    assert parse_qs(uri.query) == {"secret": [answer.json()["secret"]], "issuer": ["Strongroom"]}
    assert len(answer.json()["secret"]) * 5 >= 160


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/auth/mfa/totp"),
        ("DELETE", "/auth/mfa/totp"),
        ("POST", "/auth/mfa/recovery-codes"),
        ("POST", "/auth/mfa/passkeys/options"),
        ("DELETE", "/auth/mfa/passkeys/0199f000-0000-7000-8000-000000000000"),
    ],
)
async def test_a_stolen_token_alone_changes_no_factor(auth: AuthClient, ada: str, method: str, path: str) -> None:
    narrow = await auth.access_token(scope="files:read")
    assert (await auth.send(method, path, None, KNOWN)).status_code == 401
    assert (await auth.send(method, path, narrow, KNOWN)).status_code == 403
    assert (await auth.send(method, path, ada)).status_code == 422
    wrong = await auth.send(method, path, ada, {"current_password": "not the right one"})
    assert (wrong.status_code, wrong.json()["type"].rpartition(":")[2]) == (403, "wrong-password")


async def test_programs_have_no_second_factor(auth: AuthClient) -> None:
    admin = await auth.access_token(**ADMIN)
    client = (await auth.send("POST", "/auth/clients", admin, {"name": "robot", "scopes": ["account"]})).json()
    credentials = {name: client[name] for name in ("client_id", "client_secret")}
    token = (await auth.token(grant_type="client_credentials", **credentials)).json()["access_token"]
    assert (await auth.get("/auth/mfa", token)).status_code == 403


async def test_the_code_that_confirmed_is_used_up(auth: AuthClient, app: App) -> None:
    assert await redeem(auth, await mfa_token(auth), app.code(0)) == 400


async def test_a_code_is_good_once(auth: AuthClient, app: App) -> None:
    assert await redeem(auth, await mfa_token(auth), app.code()) == 200
    token = await mfa_token(auth)
    assert await redeem(auth, token, app.code()) == 400
    assert await redeem(auth, token, app.code(0)) == 400


async def test_a_wrong_code_leaves_the_token_usable_and_a_right_one_uses_it_up(auth: AuthClient, app: App) -> None:
    token = await mfa_token(auth)
    assert await redeem(auth, token, "000000x") == 400
    assert await redeem(auth, token, f" {app.code()[:3]} {app.code()[3:]} ") == 200
    assert await redeem(auth, token, app.recovery_codes[0]) == 400


async def test_guesses_at_codes_are_limited_across_sign_ins(auth: AuthClient, app: App) -> None:
    statuses = [await redeem(auth, await mfa_token(auth), f"guess {number}") for number in range(7)]
    assert statuses == [400] * 5 + [429] * 2
    refused = await auth.token(grant_type="mfa", mfa_token=await mfa_token(auth), code=app.code())
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 1


async def test_guesses_at_the_first_code_are_limited_too(auth: AuthClient, ada: str) -> None:
    secret = (await auth.send("POST", "/auth/mfa/totp", ada, KNOWN)).json()["secret"]
    guesses = [{"code": f"{number:06}x"} for number in range(5)]
    answers = [await auth.send("POST", "/auth/mfa/totp/confirm", ada, guess) for guess in guesses]
    assert {answer.status_code for answer in answers} == {422}
    right = {"code": pyotp.TOTP(secret).now()}
    assert (await auth.send("POST", "/auth/mfa/totp/confirm", ada, right)).status_code == 429


@pytest.mark.parametrize("token", ["", "x", "é" * 50, "x" * 5000])
async def test_a_made_up_mfa_token_is_refused(auth: AuthClient, app: App, token: str) -> None:
    assert await redeem(auth, token, app.code()) == 400


@pytest.mark.parametrize("code", ["", "\u0661\u0662\u0663\u0664\u0665\u0666", "x" * 21, "\0", 123456, None, ["000000"]])
async def test_malformed_codes_are_refused(auth: AuthClient, ada: str, code: object) -> None:
    await auth.send("POST", "/auth/mfa/totp", ada, KNOWN)
    assert await send_as_is(auth, "/auth/mfa/totp/confirm", json.dumps({"code": code}), ada) == 422


async def test_a_second_app_waits_until_the_first_is_removed(auth: AuthClient, ada: str, app: App) -> None:
    assert (await auth.send("POST", "/auth/mfa/totp", ada, KNOWN)).status_code == 409
    again = await auth.send("POST", "/auth/mfa/totp/confirm", ada, {"code": app.code()})
    assert again.status_code == 409
    assert (await auth.send("DELETE", "/auth/mfa/totp", ada, KNOWN)).status_code == 204
    assert (await auth.send("DELETE", "/auth/mfa/totp", ada, KNOWN)).status_code == 404
    assert (await auth.send("POST", "/auth/mfa/totp/confirm", ada, {"code": app.code()})).status_code == 404
    assert (await set_up_app(auth, ada)).secret != app.secret


async def test_without_its_last_factor_an_account_needs_a_password_only(auth: AuthClient, ada: str, app: App) -> None:
    token = await mfa_token(auth)
    await auth.send("DELETE", "/auth/mfa/totp", ada, KNOWN)
    assert (await auth.get("/auth/mfa", ada)).json() == {"totp": False, "passkeys": 0, "recovery_codes_left": 0}
    assert (await auth.sign_in()).status_code == 200
    assert await redeem(auth, token, app.code()) == 400
    assert await redeem(auth, token, app.recovery_codes[0]) == 400


async def test_an_older_secret_is_void_once_a_newer_is_made(auth: AuthClient, ada: str) -> None:
    first = (await auth.send("POST", "/auth/mfa/totp", ada, KNOWN)).json()["secret"]
    second = (await auth.send("POST", "/auth/mfa/totp", ada, KNOWN)).json()["secret"]
    old = await auth.send("POST", "/auth/mfa/totp/confirm", ada, {"code": pyotp.TOTP(first).now()})
    new = await auth.send("POST", "/auth/mfa/totp/confirm", ada, {"code": pyotp.TOTP(second).now()})
    assert (old.status_code, new.status_code) == (422, 200)


async def test_of_many_confirmations_at_once_one_is_right(auth: AuthClient, ada: str) -> None:
    secret = (await auth.send("POST", "/auth/mfa/totp", ada, KNOWN)).json()["secret"]
    step = int(time.time()) // 30
    codes = [pyotp.HOTP(secret).at(step + number % 2) for number in range(20)]  # two codes, and both are good now
    answers = await asyncio.gather(
        *(auth.send("POST", "/auth/mfa/totp/confirm", ada, {"code": code}) for code in codes)
    )
    (right,) = [answer for answer in answers if answer.status_code == 200]
    assert {answer.status_code for answer in answers} <= {200, 409, 422, 429}
    assert await redeem(auth, await mfa_token(auth), right.json()["recovery_codes"][0]) == 200


async def test_a_recovery_code_is_good_once_however_it_is_typed(auth: AuthClient, ada: str, app: App) -> None:
    assert len(set(app.recovery_codes)) == 10
    first, second, third, *_ = app.recovery_codes
    assert len(first.replace("-", "")) * 5 >= 112  # so that a plain hash keeps it
    assert await redeem(auth, await mfa_token(auth), first) == 200
    assert await redeem(auth, await mfa_token(auth), first) == 400
    assert await redeem(auth, await mfa_token(auth), second.upper()) == 200
    assert await redeem(auth, await mfa_token(auth), f" {third.replace('-', ' ')}\n") == 200
    assert (await auth.get("/auth/mfa", ada)).json()["recovery_codes_left"] == 7


async def test_renewed_recovery_codes_void_the_old_ones(auth: AuthClient, ada: str, app: App) -> None:
    answer = await auth.send("POST", "/auth/mfa/recovery-codes", ada, KNOWN)
    assert answer.headers["cache-control"] == "no-store"
    renewed = answer.json()["recovery_codes"]
    assert not set(renewed) & set(app.recovery_codes)
    assert await redeem(auth, await mfa_token(auth), app.recovery_codes[0]) == 400
    assert await redeem(auth, await mfa_token(auth), renewed[0]) == 200


async def test_recovery_codes_are_for_those_who_have_a_factor(auth: AuthClient, ada: str) -> None:
    assert (await auth.send("POST", "/auth/mfa/recovery-codes", ada, KNOWN)).status_code == 409


async def test_somebody_elses_codes_are_no_good(auth: AuthClient, app: App) -> None:
    await auth.register(email="bob@example.com")
    bob = await set_up_app(auth, await auth.access_token(username="bob@example.com"))
    for code in (bob.code(), bob.recovery_codes[0]):
        assert await redeem(auth, await mfa_token(auth), code) == 400
    assert await redeem(auth, await mfa_token(auth, username="bob@example.com"), bob.recovery_codes[0]) == 200


async def test_what_one_client_began_no_other_finishes(auth: AuthClient, app: App) -> None:
    admin = await auth.access_token(**ADMIN)
    wanted = {"name": "app", "scopes": ["files:read"], "public": True}
    client = (await auth.send("POST", "/auth/clients", admin, wanted)).json()["client_id"]
    token = await mfa_token(auth)
    answer = await auth.token(grant_type="mfa", mfa_token=token, code=app.code(), client_id=client)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


async def test_a_disabled_account_finishes_no_sign_in(auth: AuthClient, ada: str, app: App) -> None:
    account = (await auth.get("/auth/profile", ada)).json()["id"]
    token = await mfa_token(auth)
    admin = await auth.access_token(**ADMIN)
    await auth.send("PATCH", f"/auth/users/{account}", admin, {"disabled": True})
    assert await redeem(auth, token, app.code()) == 400


async def test_an_administrator_resets_what_somebody_lost(auth: AuthClient, ada: str, app: App) -> None:
    account = (await auth.get("/auth/profile", ada)).json()["id"]
    admin = await auth.access_token(**ADMIN)
    token = await mfa_token(auth)
    assert (await auth.delete(f"/auth/users/{account}/mfa", ada)).status_code == 403
    assert (await auth.delete(f"/auth/users/{account}/mfa", admin)).status_code == 204
    assert await redeem(auth, token, app.code()) == 400
    assert (await auth.sign_in()).status_code == 200
    assert (await auth.get("/auth/mfa", ada)).json() == {"totp": False, "passkeys": 0, "recovery_codes_left": 0}


async def test_everything_is_on_record(auth: AuthClient, ada: str, app: App) -> None:
    account = (await auth.get("/auth/profile", ada)).json()["id"]
    token = await mfa_token(auth)
    await redeem(auth, token, "000000x")
    await redeem(auth, token, app.code())
    await redeem(auth, await mfa_token(auth), app.recovery_codes[0])
    await auth.send("POST", "/auth/mfa/recovery-codes", ada, KNOWN)
    await auth.send("DELETE", "/auth/mfa/totp", ada, KNOWN)
    admin = await auth.access_token(**ADMIN)
    await auth.delete(f"/auth/users/{account}/mfa", admin)
    recorded = [event for event in await events(auth, admin, account) if event.startswith("mfa.")]
    assert recorded == [
        "mfa.reset",
        "mfa.totp_removed",
        "mfa.recovery_codes_renewed",
        "mfa.recovery_code_used",
        "mfa.totp_used",
        "mfa.failed",
        "mfa.totp_enabled",
    ]
