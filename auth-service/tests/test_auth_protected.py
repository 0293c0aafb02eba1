"""The protected route, and the tokens that must not open it."""

import base64
import json
import time
from typing import Any

import jwt
import pytest
from auth_client import ADMIN, AuthClient
from cryptography.hazmat.primitives import hashes, hmac, serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, generate_private_key
from jwt.algorithms import RSAAlgorithm


def split(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    header = jwt.get_unverified_header(token)
    return header, jwt.decode(token, options={"verify_signature": False})


def unsigned(header: dict[str, Any], claims: dict[str, Any], signature: str = "") -> str:
    def encode(part: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()

    return f"{encode(header)}.{encode(claims)}.{signature}"


@pytest.fixture
async def token(auth: AuthClient) -> str:
    await auth.register(name="Ada")
    return await auth.access_token()


async def refused(auth: AuthClient, token: str) -> dict[str, Any]:
    answer = await auth.get("/auth/profile", token)
    assert answer.status_code == 401, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith('Bearer error="invalid_token"')
    return dict(answer.json())


async def test_the_signed_in_person_sees_themselves(auth: AuthClient, token: str) -> None:
    answer = await auth.get("/auth/profile", token)
    assert answer.status_code == 200
    assert answer.json()["email"] == "ada@example.com"


async def test_without_a_token_the_challenge_names_no_error(auth: AuthClient) -> None:
    answer = await auth.get("/auth/profile")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_token_of_alg_none_is_refused(auth: AuthClient, token: str) -> None:
    header, claims = split(token)
    for none in ("none", "None", "NONE", ""):
        await refused(auth, unsigned({**header, "alg": none}, claims))


async def test_hs256_with_the_public_key_as_secret_is_refused(auth: AuthClient, token: str) -> None:
    header, claims = split(token)
    jwk = (await auth.get("/.well-known/jwks.json")).json()["keys"][0]
    public_key = RSAAlgorithm.from_jwk(jwk)
    assert isinstance(public_key, RSAPublicKey)
    pem = public_key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    body = unsigned({**header, "alg": "HS256"}, claims).rpartition(".")[0]
    mac = hmac.HMAC(pem, hashes.SHA256())
    mac.update(body.encode())
    forged = f"{body}.{base64.urlsafe_b64encode(mac.finalize()).rstrip(b'=').decode()}"
    await refused(auth, forged)


async def test_a_stranger_cannot_bring_their_own_key(auth: AuthClient, token: str) -> None:
    header, claims = split(token)
    own = generate_private_key(public_exponent=65537, key_size=2048)
    jwk = RSAAlgorithm.to_jwk(own.public_key(), as_dict=True)
    for extra in ({}, {"jwk": jwk}, {"jku": "http://127.0.0.1:9/keys"}, {"kid": "made-up"}):
        headers = {**header, **extra}
        await refused(auth, jwt.encode(claims, own, algorithm="RS256", headers=headers))


async def test_a_changed_token_is_refused(auth: AuthClient, token: str) -> None:
    header, claims = split(token)
    signature = token.rpartition(".")[2]
    await refused(auth, unsigned(header, {**claims, "scope": "admin"}, signature))
    await refused(auth, token[:-2])
    await refused(auth, token + "x")
    await refused(auth, "not.a.token")
    await refused(auth, "x" * 10_000)


async def test_a_basic_header_is_not_a_bearer_token(auth: AuthClient) -> None:
    answer = await auth.http.get(f"{auth.origin}/auth/profile", auth=("ada@example.com", "x"))
    assert answer.status_code == 401


async def test_an_account_that_is_gone_is_refused(auth: AuthClient, token: str) -> None:
    admin = await auth.access_token(**ADMIN)
    user_id = (await auth.get("/auth/profile", token)).json()["id"]
    assert (await auth.delete(f"/auth/users/{user_id}", admin)).status_code == 204
    # Whichever is quicker: the feed of revocations, or the look into the table.
    assert (await refused(auth, token))["type"].rpartition(":")[2] in {"revoked-token", "account-gone"}
    assert (await auth.sign_in()).json()["error"] == "invalid_grant"


async def test_the_clock_of_the_token_is_the_real_one(auth: AuthClient, token: str) -> None:
    _, claims = split(token)
    assert abs(claims["iat"] - time.time()) < 60
