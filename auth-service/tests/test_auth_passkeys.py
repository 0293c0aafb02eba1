"""Passkeys from a software authenticator: honest, and wrong in every way that WebAuthn §7 has a step against."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from auth_client import ADMIN, AuthClient
from authenticator import HONEST, Authenticator, Oddities, PrivateKey, eddsa, encode, es256, rs256
from factors_client import (
    KNOWN,
    add_passkey,
    creation_options,
    events,
    mfa_token,
    offer_passkey,
    send_as_is,
    set_up_app,
)

ODD = {
    "another site's page": Oddities(origin="https://strongroom.example"),
    "a lookalike of the scheme": Oddities(origin="https://strongroom.test"),
    "another port": Oddities(origin="http://strongroom.test:8080"),
    "another relying party": Oddities(rp_id="example.com"),
    "another challenge": Oddities(challenge=encode(b"c" * 32)),
    "no user verification": Oddities(user_verified=False),
    "nobody present": Oddities(user_present=False),
    "framed by another site": Oddities(cross_origin=True),
}


@pytest.fixture
async def ada(auth: AuthClient) -> str:
    """Her access token."""
    await auth.register()
    return await auth.access_token()


@pytest.fixture
async def bob(auth: AuthClient) -> str:
    await auth.register(email="bob@example.com")
    return await auth.access_token(username="bob@example.com")


@pytest.fixture
async def passkey(auth: AuthClient, ada: str) -> Authenticator:
    """Ada's."""
    passkey = Authenticator()
    await add_passkey(auth, ada, passkey)
    return passkey


async def request(auth: AuthClient) -> tuple[str, dict[str, Any]]:
    answer = await auth.send("POST", "/auth/mfa/passkeys/authenticate/options", json={})
    assert answer.status_code == 200, answer.text
    return answer.json()["passkey_token"], answer.json()["options"]


async def answer(auth: AuthClient, passkey_token: str, credential: dict[str, Any]) -> httpx2.Response:
    return await auth.token(grant_type="passkey", passkey_token=passkey_token, credential=json.dumps(credential))


async def sign_in(auth: AuthClient, passkey: Authenticator, odd: Oddities = HONEST) -> httpx2.Response:
    token, options = await request(auth)
    return await answer(auth, token, passkey.get(options, odd))


async def second_options(auth: AuthClient, token: str) -> httpx2.Response:
    return await auth.send("POST", "/auth/mfa/passkeys/challenge", json={"mfa_token": token})


async def second_factor(auth: AuthClient, token: str, credential: dict[str, Any]) -> int:
    sent = await auth.token(grant_type="mfa", mfa_token=token, credential=json.dumps(credential))
    return sent.status_code


def refused(answer: httpx2.Response) -> bool:
    return (answer.status_code, answer.json().get("error")) == (400, "invalid_grant")


@pytest.mark.parametrize("make_key", [es256, eddsa, rs256])
async def test_a_passkey_alone_signs_in(auth: AuthClient, ada: str, make_key: Callable[[], PrivateKey]) -> None:
    passkey = Authenticator(make_key())
    await add_passkey(auth, ada, passkey)
    signed_in = await sign_in(auth, passkey)
    assert signed_in.status_code == 200
    profile = await auth.get("/auth/profile", signed_in.json()["access_token"])
    assert profile.json()["email"] == "ada@example.com"
    assert (await sign_in(auth, passkey)).status_code == 200


async def test_options_ask_for_what_is_checked_later(auth: AuthClient, ada: str, passkey: Authenticator) -> None:
    making = await creation_options(auth, ada)
    assert making["rp"]["id"] == "strongroom.test"
    assert making["user"]["name"] == "ada@example.com"
    assert making["authenticatorSelection"]["userVerification"] == "required"
    assert making["authenticatorSelection"]["residentKey"] == "required"
    assert making["attestation"] == "none"
    assert [one["id"] for one in making["excludeCredentials"]] == [encode(passkey.credential_id)]
    _, using = await request(auth)
    assert (using["rpId"], using["userVerification"], using["allowCredentials"]) == ("strongroom.test", "required", [])


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
async def test_no_odd_passkey_is_added(auth: AuthClient, ada: str, odd: Oddities) -> None:
    options = await creation_options(auth, ada)
    assert (await offer_passkey(auth, ada, Authenticator().create(options, odd))).status_code == 422
    assert (await auth.get("/auth/mfa/passkeys", ada)).json() == []
    assert (await auth.sign_in()).status_code == 200


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
async def test_no_odd_answer_signs_in(auth: AuthClient, passkey: Authenticator, odd: Oddities) -> None:
    assert refused(await sign_in(auth, passkey, odd))
    assert (await sign_in(auth, passkey)).status_code == 200


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
async def test_no_odd_answer_is_a_second_factor(auth: AuthClient, passkey: Authenticator, odd: Oddities) -> None:
    token = await mfa_token(auth)
    options = (await second_options(auth, token)).json()
    assert await second_factor(auth, token, passkey.get(options, odd)) == 400
    assert await second_factor(auth, token, passkey.get(options)) == 200


async def test_an_answer_to_the_other_ceremony_is_refused(auth: AuthClient, ada: str, passkey: Authenticator) -> None:
    assert refused(await sign_in(auth, passkey, Oddities(type="webauthn.create")))
    options = await creation_options(auth, ada)
    made = Authenticator().create(options, Oddities(type="webauthn.get"))
    assert (await offer_passkey(auth, ada, made)).status_code == 422


async def test_a_tampered_answer_is_refused(auth: AuthClient, passkey: Authenticator) -> None:
    for part in ("signature", "authenticatorData", "clientDataJSON"):
        token, options = await request(auth)
        credential = passkey.get(options)
        sent = credential["response"][part]
        # The last character may stand for bits that are not there, so one in the middle is changed.
        middle = len(sent) // 2
        credential["response"][part] = sent[:middle] + ("A" if sent[middle] != "A" else "B") + sent[middle + 1 :]
        assert refused(await answer(auth, token, credential)), part


async def test_another_key_signs_nothing(auth: AuthClient, passkey: Authenticator) -> None:
    forger = Authenticator(credential_id=passkey.credential_id, count=1000, user_handle=passkey.user_handle)
    assert refused(await sign_in(auth, forger))


async def test_an_unknown_passkey_is_refused(auth: AuthClient, passkey: Authenticator) -> None:
    assert refused(await sign_in(auth, Authenticator(passkey.key, user_handle=passkey.user_handle)))


async def test_a_passkey_must_say_whose_it_is_where_nobody_else_did(auth: AuthClient, passkey: Authenticator) -> None:
    assert refused(await sign_in(auth, passkey, Oddities(user_handle=b"u" * 16)))
    assert refused(await sign_in(auth, passkey, Oddities(without_user_handle=True)))


async def test_a_challenge_is_answered_once(auth: AuthClient, ada: str) -> None:
    passkey = Authenticator(counts=False)
    await add_passkey(auth, ada, passkey)
    token, options = await request(auth)
    credential = passkey.get(options)
    assert (await answer(auth, token, credential)).status_code == 200
    assert refused(await answer(auth, token, credential))
    other, _ = await request(auth)
    assert refused(await answer(auth, other, credential))


async def test_a_wrong_answer_uses_the_challenge_up(auth: AuthClient, passkey: Authenticator) -> None:
    token, options = await request(auth)
    assert refused(await answer(auth, token, passkey.get(options, Oddities(origin="https://evil.example"))))
    assert refused(await answer(auth, token, passkey.get(options)))


async def test_of_200_answers_to_one_challenge_one_signs_in(auth: AuthClient, ada: str) -> None:
    passkey = Authenticator(counts=False)
    await add_passkey(auth, ada, passkey)
    token, options = await request(auth)
    credential = passkey.get(options)
    answers = await asyncio.gather(*(answer(auth, token, credential) for _ in range(200)))
    assert sorted({one.status_code for one in answers}) == [200, 400]
    assert sum(one.status_code == 200 for one in answers) == 1


async def test_a_creation_is_good_once(auth: AuthClient, ada: str) -> None:
    options = await creation_options(auth, ada)
    assert (await offer_passkey(auth, ada, Authenticator().create(options))).status_code == 201
    assert (await offer_passkey(auth, ada, Authenticator().create(options))).status_code == 422
    assert (await auth.get("/auth/mfa", ada)).json()["passkeys"] == 1


async def test_newer_options_void_older_ones(auth: AuthClient, ada: str) -> None:
    older, newer = [await creation_options(auth, ada) for _ in range(2)]
    assert (await offer_passkey(auth, ada, Authenticator().create(older))).status_code == 422
    assert (await offer_passkey(auth, ada, Authenticator().create(newer))).status_code == 422  # the guess was the one
    newest = await creation_options(auth, ada)
    assert (await offer_passkey(auth, ada, Authenticator().create(newest))).status_code == 201


async def test_options_asked_for_at_once_do_not_get_in_each_others_way(auth: AuthClient, ada: str) -> None:
    paths = ["/auth/mfa/passkeys/options"] * 5
    answers = await asyncio.gather(*(auth.send("POST", path, ada, KNOWN) for path in paths))
    assert {one.status_code for one in answers} == {200}


async def test_what_was_begun_for_one_account_is_not_finished_for_another(auth: AuthClient, ada: str, bob: str) -> None:
    made = Authenticator().create(await creation_options(auth, ada))
    assert (await offer_passkey(auth, bob, made)).status_code == 422
    await creation_options(auth, bob)
    assert (await offer_passkey(auth, bob, made)).status_code == 422


async def test_one_passkey_belongs_to_one_account(auth: AuthClient, ada: str, bob: str, passkey: Authenticator) -> None:
    theft = Authenticator(credential_id=passkey.credential_id)
    for token in (ada, bob):
        made = theft.create(await creation_options(auth, token))
        assert (await offer_passkey(auth, token, made)).status_code == 422
    assert (await sign_in(auth, passkey)).status_code == 200


@pytest.mark.parametrize(
    "public_key",
    [
        {1: 2, 3: -7, -1: 1, -2: b"x" * 32, -3: b"y" * 32},  # not on the curve
        {1: 2, 3: -7, -1: 1, -2: b"", -3: b""},
        {1: 2, 3: -7, -1: 99, -2: b"x" * 32, -3: b"y" * 32},
        {1: 2, 3: -7},
        {1: 3, 3: -257, -1: b"\x02", -2: b"\x01"},
        {1: 1, 3: -8, -1: 6, -2: b"short"},
        {1: 1, 3: -999, -1: 6, -2: b"x" * 32},
        [1, 2, 3],
        "key",
        7,
    ],
)
async def test_a_key_that_could_not_be_used_is_not_added(auth: AuthClient, ada: str, public_key: object) -> None:
    made = Authenticator().create(await creation_options(auth, ada), public_key=public_key)
    assert (await offer_passkey(auth, ada, made)).status_code == 422


@pytest.mark.parametrize(("length", "status"), [(1, 201), (1023, 201), (1024, 422), (5_000, 422)])
async def test_an_id_is_at_most_1023_bytes_long(auth: AuthClient, ada: str, length: int, status: int) -> None:
    passkey = Authenticator(credential_id=b"i" * length)
    assert (await offer_passkey(auth, ada, passkey.create(await creation_options(auth, ada)))).status_code == status


async def test_a_counter_that_goes_back_is_refused_and_on_record(
    auth: AuthClient, ada: str, passkey: Authenticator
) -> None:
    account = (await auth.get("/auth/profile", ada)).json()["id"]
    admin = await auth.access_token(**ADMIN)
    passkey.count = 10
    assert (await sign_in(auth, passkey)).status_code == 200
    for count in (10, 3, -1):  # the same again, an earlier one, and none at all
        passkey.count = count
        assert refused(await sign_in(auth, passkey))
        assert (await events(auth, admin, account))[0] == "mfa.passkey_cloned"
    passkey.count = 11
    assert (await sign_in(auth, passkey)).status_code == 200


async def test_nobody_without_the_key_puts_a_clone_on_record(
    auth: AuthClient, ada: str, passkey: Authenticator
) -> None:
    account = (await auth.get("/auth/profile", ada)).json()["id"]
    admin = await auth.access_token(**ADMIN)
    await sign_in(auth, passkey)
    assert refused(await sign_in(auth, Authenticator(credential_id=passkey.credential_id, count=-1)))
    assert "mfa.passkey_cloned" not in await events(auth, admin, account)


async def test_after_a_password_a_passkey_is_a_second_factor(auth: AuthClient, ada: str) -> None:
    passkey, other = Authenticator(), Authenticator()
    await add_passkey(auth, ada, passkey)
    await add_passkey(auth, ada, other)
    begun = await auth.sign_in(scope="files:read")
    assert begun.json()["mfa_methods"] == ["passkey", "recovery_code"]
    token = begun.json()["mfa_token"]
    options = (await second_options(auth, token)).json()
    allowed = [one["id"] for one in options["allowCredentials"]]
    assert allowed == [encode(one.credential_id) for one in (passkey, other)]
    credential = other.get(options, Oddities(without_user_handle=True))
    done = await auth.token(grant_type="mfa", mfa_token=token, credential=json.dumps(credential))
    assert (done.status_code, done.json()["scope"]) == (200, "files:read")
    assert await second_factor(auth, token, other.get(options)) == 400


async def test_somebody_elses_passkey_is_no_second_factor(auth: AuthClient, bob: str, passkey: Authenticator) -> None:
    bobs = Authenticator()
    await add_passkey(auth, bob, bobs)
    token = await mfa_token(auth)
    options = (await second_options(auth, token)).json()
    assert await second_factor(auth, token, bobs.get(options)) == 400
    assert await second_factor(auth, token, bobs.get(options, Oddities(user_handle=passkey.user_handle))) == 400
    assert await second_factor(auth, token, passkey.get(options, Oddities(user_handle=bobs.user_handle))) == 400
    assert await second_factor(auth, token, passkey.get(options)) == 200


async def test_wrong_passkeys_are_counted_like_wrong_codes(auth: AuthClient, passkey: Authenticator) -> None:
    token = await mfa_token(auth)
    options = (await second_options(auth, token)).json()
    statuses = [await second_factor(auth, token, Authenticator().get(options)) for _ in range(6)]
    assert statuses == [400] * 5 + [429]


async def test_challenges_of_one_kind_are_no_good_for_another(auth: AuthClient, passkey: Authenticator) -> None:
    token = await mfa_token(auth)
    options = (await second_options(auth, token)).json()
    passkey_token, discoverable = await request(auth)
    assert refused(await answer(auth, token, passkey.get(options)))
    assert refused(await answer(auth, passkey_token, passkey.get(options)))
    assert await second_factor(auth, passkey_token, passkey.get(discoverable)) == 400
    assert await second_factor(auth, token, passkey.get(discoverable)) == 400


async def test_only_who_has_a_passkey_is_asked_for_one(auth: AuthClient, ada: str) -> None:
    await set_up_app(auth, ada)
    assert (await second_options(auth, await mfa_token(auth))).status_code == 403
    assert (await second_options(auth, "made-up")).status_code == 403
    assert await send_as_is(auth, "/auth/mfa/passkeys/challenge", '{"mfa_token": "\\ud800"}') == 400


async def test_a_disabled_account_signs_in_by_no_passkey(auth: AuthClient, ada: str, passkey: Authenticator) -> None:
    account = (await auth.get("/auth/profile", ada)).json()["id"]
    admin = await auth.access_token(**ADMIN)
    token, options = await request(auth)
    await auth.send("PATCH", f"/auth/users/{account}", admin, {"disabled": True})
    assert refused(await answer(auth, token, passkey.get(options)))
    assert refused(await sign_in(auth, passkey))


async def test_the_first_factor_brings_recovery_codes_and_the_last_takes_them_along(auth: AuthClient, ada: str) -> None:
    first, second = [await add_passkey(auth, ada, Authenticator()) for _ in range(2)]
    assert (len(first["recovery_codes"]), second["recovery_codes"]) == (10, [])
    app = await set_up_app(auth, ada)
    assert app.recovery_codes == []
    token, code = await mfa_token(auth), first["recovery_codes"][0]
    assert (await auth.token(grant_type="mfa", mfa_token=token, code=code)).status_code == 200
    for left, path in ((9, f"passkeys/{first['id']}"), (9, "totp"), (0, f"passkeys/{second['id']}")):
        assert (await auth.send("DELETE", f"/auth/mfa/{path}", ada, KNOWN)).status_code == 204
        assert (await auth.get("/auth/mfa", ada)).json()["recovery_codes_left"] == left
    assert (await auth.sign_in()).status_code == 200


async def test_passkeys_are_listed_by_name_and_removed(auth: AuthClient, ada: str, passkey: Authenticator) -> None:
    (listed,) = (await auth.get("/auth/mfa/passkeys", ada)).json()
    assert (listed["name"], listed["last_used_at"]) == ("My phone", None)
    assert set(listed) == {"id", "name", "created_at", "last_used_at"}
    await sign_in(auth, passkey)
    assert (await auth.get("/auth/mfa/passkeys", ada)).json()[0]["last_used_at"] is not None
    assert (await auth.send("DELETE", f"/auth/mfa/passkeys/{listed['id']}", ada, KNOWN)).status_code == 204
    assert refused(await sign_in(auth, passkey))
    assert (await auth.get("/auth/mfa/passkeys", ada)).json() == []


async def test_somebody_elses_passkey_is_not_found(
    auth: AuthClient, ada: str, bob: str, passkey: Authenticator
) -> None:
    (listed,) = (await auth.get("/auth/mfa/passkeys", ada)).json()
    assert (await auth.get("/auth/mfa/passkeys", bob)).json() == []
    assert (await auth.send("DELETE", f"/auth/mfa/passkeys/{listed['id']}", bob, KNOWN)).status_code == 404
    assert (await sign_in(auth, passkey)).status_code == 200


async def test_a_reset_takes_passkeys_and_what_was_begun(auth: AuthClient, ada: str, passkey: Authenticator) -> None:
    account = (await auth.get("/auth/profile", ada)).json()["id"]
    options = await creation_options(auth, ada)
    await auth.delete(f"/auth/users/{account}/mfa", await auth.access_token(**ADMIN))
    assert refused(await sign_in(auth, passkey))
    assert (await offer_passkey(auth, ada, Authenticator().create(options))).status_code == 422


@pytest.mark.parametrize("name", ["", "x" * 201, "bell\x07", "nul\0"])
async def test_a_passkeys_name_is_printable(auth: AuthClient, ada: str, name: str) -> None:
    body = {"name": name, "credential": Authenticator().create(await creation_options(auth, ada))}
    assert (await auth.send("POST", "/auth/mfa/passkeys", ada, body)).status_code == 422


@pytest.mark.parametrize("credential", ["", "x", "[]", "null", "{}", '{"id": "\\ud800"}', '{"id": 7, "response": []}'])
async def test_what_is_no_credential_is_refused(auth: AuthClient, passkey: Authenticator, credential: str) -> None:
    token, _ = await request(auth)
    sent = await auth.token(grant_type="passkey", passkey_token=token, credential=credential)
    assert sent.status_code == 400


async def test_a_credential_nested_without_end_is_refused(auth: AuthClient, ada: str) -> None:
    deep = "[" * 10_000 + "]" * 10_000
    token, _ = await request(auth)
    sent = await auth.token(grant_type="passkey", passkey_token=token, credential=deep)
    assert sent.status_code == 400
