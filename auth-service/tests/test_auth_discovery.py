"""What verifiers and clients find out by themselves."""

import base64
import os
from collections.abc import Awaitable, Callable
from hashlib import sha256

import httpx2
import pytest
from auth_client import AuthClient
from starlette.types import ASGIApp

from auth_service.app import create_app
from auth_service.keys.sealing import MasterKey, WrongMasterKey
from auth_service.settings import AuthSettings
from strongroom import TokenVerifier
from strongroom.database import Database


async def test_the_key_set_is_public_cacheable_and_holds_no_private_part(auth: AuthClient) -> None:
    answer = await auth.get("/.well-known/jwks.json")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=300"
    key = answer.json()["keys"][0]
    assert key.keys() == {"kty", "use", "alg", "kid", "n", "e"}
    canonical = f'{{"e":"{key["e"]}","kty":"RSA","n":"{key["n"]}"}}'
    thumbprint = base64.urlsafe_b64encode(sha256(canonical.encode()).digest()).rstrip(b"=").decode()
    assert key["kid"] == thumbprint


async def test_an_unchanged_key_set_is_not_sent_again(auth: AuthClient) -> None:
    etag = (await auth.get("/.well-known/jwks.json")).headers["etag"]
    again = await auth.http.get(f"{auth.origin}/.well-known/jwks.json", headers={"If-None-Match": etag})
    assert again.status_code == 304
    assert again.content == b""


async def test_discovery_names_what_is_there(auth: AuthClient) -> None:
    for name in ("openid-configuration", "oauth-authorization-server"):
        document = (await auth.get(f"/.well-known/{name}")).json()
        assert document["issuer"] == "http://strongroom.test"
        assert document["jwks_uri"] == "http://strongroom.test/.well-known/jwks.json"
        assert document["token_endpoint"] == "http://strongroom.test/auth/token"


async def test_another_service_verifies_with_the_published_keys(auth: AuthClient) -> None:
    user = (await auth.register()).json()
    token = await auth.access_token()
    async with TokenVerifier("http://strongroom.test", jwks_url=f"{auth.origin}/.well-known/jwks.json") as verifier:
        who = await verifier.verify(token)
    assert who.subject == user["id"]
    assert "files:read" in who.scopes


async def test_the_key_outlives_a_restart_and_serves_every_replica(
    auth: AuthClient,
    settings: AuthSettings,
    serve: Callable[[ASGIApp], Awaitable[str]],
    http: httpx2.AsyncClient,
) -> None:
    await auth.register()
    token = await auth.access_token()
    replica = AuthClient(http, await serve(create_app(settings)))
    assert (await replica.get("/auth/profile", token)).status_code == 200
    first, second = [(await one.get("/.well-known/jwks.json")).json() for one in (auth, replica)]
    assert first == second


async def test_the_private_key_is_stored_sealed(auth: AuthClient, settings: AuthSettings) -> None:
    database = Database(settings.database_url.get_secret_value())
    async with database.reading() as connection:
        row = (await connection.exec_driver_sql("select kid, sealed_private_key from auth.signing_keys")).first()
        assert row is not None
    await database.aclose()
    right = MasterKey(settings.master_key.get_secret_value())
    der = right.open(row.sealed_private_key, row.kid)
    assert der not in row.sealed_private_key
    with pytest.raises(WrongMasterKey):
        right.open(row.sealed_private_key, "another kid")
    with pytest.raises(WrongMasterKey):
        MasterKey(base64.b64encode(os.urandom(32)).decode()).open(row.sealed_private_key, row.kid)
