"""RFC 8725 where tokens are issued; how they are verified is in `test_shared_rfc8725.py`."""

import base64
import json
import math
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import jwt
import pytest
from auth_client import ADMIN, AuthClient
from browser import Browser
from oauth_app import OAuthApp, register_app
from test_auth_tokens import claims

from auth_service.keys.signing_key import SigningKey

ISSUER = "http://strongroom.test"


@pytest.fixture
async def app(auth: AuthClient) -> OAuthApp:
    await auth.register(name="Ada é")
    return await register_app(auth, await auth.access_token(**ADMIN))


@pytest.fixture
async def tokens(app: OAuthApp) -> AsyncIterator[dict[str, Any]]:
    async with httpx2.AsyncClient(timeout=20, trust_env=False, verify=False) as http:
        yield await app.tokens(Browser(http))


@pytest.fixture
async def access_tokens(auth: AuthClient, app: OAuthApp, tokens: dict[str, Any]) -> list[str]:
    """One of every way in which one is come by."""
    program = await auth.token(grant_type="client_credentials", scope="files:read", **app.credentials)
    refreshed = await app.refresh(tokens["refresh_token"])
    others = [await auth.access_token(), program.json()["access_token"], refreshed.json()["access_token"]]
    return [tokens["access_token"], *others]


def parts(token: str) -> list[bytes]:
    return [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in token.split(".")]


async def published(auth: AuthClient) -> list[dict[str, str]]:
    return list((await auth.get("/.well-known/jwks.json")).json()["keys"])


async def test_one_algorithm_signs_and_each_key_is_for_it_alone(
    auth: AuthClient, access_tokens: list[str], tokens: dict[str, Any]
) -> None:
    """§3.1 and §3.2."""
    assert {jwt.get_unverified_header(token)["alg"] for token in (*access_tokens, tokens["id_token"])} == {"RS256"}
    assert {(key["kty"], key["alg"], key["use"]) for key in await published(auth)} == {("RSA", "RS256", "sig")}
    discovered = (await auth.get("/.well-known/openid-configuration")).json()
    assert discovered["id_token_signing_alg_values_supported"] == ["RS256"]


async def test_keys_are_long_random_and_nobody_elses(auth: AuthClient) -> None:
    """§3.5, and §3.4 for whoever verifies: no two share as much as a prime."""
    made = [SigningKey.generate() for _ in range(3)]
    keys = [*(key.public_jwk for key in made), *await published(auth)]
    moduli = [int.from_bytes(base64.urlsafe_b64decode(key["n"] + "==")) for key in keys]
    assert len(moduli) == 5  # the one that signs and the next one are published
    assert min(modulus.bit_length() for modulus in moduli) >= 2048
    assert {key["e"] for key in keys} == {"AQAB"}
    assert len({key["kid"] for key in keys}) == 5
    assert {math.gcd(one, other) for one in moduli for other in moduli if one != other} == {1}


async def test_what_is_signed_is_plain_json_in_utf_8(access_tokens: list[str], tokens: dict[str, Any]) -> None:
    """§3.6 and §3.7."""
    for token in (*access_tokens, tokens["id_token"]):
        header, body, _ = parts(token)
        assert json.loads(header.decode()).keys() == {"alg", "kid", "typ"}
        assert json.loads(body.decode())["iss"] == ISSUER
    assert claims(tokens["id_token"])["name"] == "Ada é"


async def test_every_token_says_who_issued_it_for_whom(
    app: OAuthApp, access_tokens: list[str], tokens: dict[str, Any]
) -> None:
    """§3.8 and §3.9."""
    for token in access_tokens:
        assert (claims(token)["iss"], claims(token)["aud"]) == (ISSUER, "strongroom")
    known = claims(tokens["id_token"])
    assert (known["iss"], known["aud"]) == (ISSUER, app.client_id)
    assert known["sub"] == claims(tokens["access_token"])["sub"]


async def test_every_token_says_of_which_type_it_is(access_tokens: list[str], tokens: dict[str, Any]) -> None:
    """§3.11. Nothing takes an ID token but apps, whose libraries know it by the plain `JWT`."""
    assert {jwt.get_unverified_header(token)["typ"] for token in access_tokens} == {"at+jwt"}
    assert jwt.get_unverified_header(tokens["id_token"])["typ"] == "JWT"


async def test_an_id_token_opens_nothing(auth: AuthClient, app: OAuthApp, tokens: dict[str, Any]) -> None:
    """§3.12."""
    for path in ("/auth/profile", "/auth/userinfo", "/auth/sessions", "/auth/users"):
        refusal = await auth.get(path, tokens["id_token"])
        assert (refusal.status_code, refusal.json()["type"].rpartition(":")[2]) == (401, "invalid-token"), path
    assert (await app.introspect(tokens["id_token"])).json() == {"active": False}


async def test_no_kind_of_token_passes_for_another(auth: AuthClient, app: OAuthApp, tokens: dict[str, Any]) -> None:
    """§3.12, and what a library that verifies an ID token for the app makes of an access token."""
    for token in (tokens["access_token"], tokens["id_token"]):
        for refused in (
            await app.refresh(token),
            await app.redeem(token),
            await auth.token(grant_type="mfa", mfa_token=token, code="000000"),
        ):
            assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
        assert (await auth.send("POST", "/auth/email/verify", json={"token": token[:200]})).status_code == 400
    assert (await auth.get("/auth/profile", tokens["refresh_token"])).status_code == 401
    keys = jwt.PyJWKSet.from_dict({"keys": await published(auth)})
    key = keys[jwt.get_unverified_header(tokens["id_token"])["kid"]]

    def as_an_id_token(token: str) -> dict[str, Any]:
        return dict(jwt.decode(token, key, algorithms=["RS256"], audience=app.client_id, issuer=ISSUER))

    assert as_an_id_token(tokens["id_token"])["nonce"] == "n0nce"
    with pytest.raises(jwt.InvalidAudienceError):
        as_an_id_token(tokens["access_token"])
