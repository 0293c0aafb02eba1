"""Rotation as clients and verifiers see it, over HTTP, with several replicas."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

import httpx2
import jwt
import pytest
from auth_client import ADMIN, AuthClient
from starlette.types import ASGIApp

from auth_service.app import create_app
from auth_service.settings import AuthSettings
from strongroom import TokenVerifier
from strongroom.errors import InvalidToken


def verifying(auth: AuthClient) -> TokenVerifier:
    return TokenVerifier(
        "http://strongroom.test",
        jwks_url=f"{auth.origin}/.well-known/jwks.json",
        revocations_url=f"{auth.origin}/auth/revocations",
    )


@pytest.fixture
async def other(
    auth: AuthClient, settings: AuthSettings, serve: Callable[[ASGIApp], Awaitable[str]], http: httpx2.AsyncClient
) -> AuthClient:
    """Another replica."""
    return AuthClient(http, await serve(create_app(settings)))


async def published(auth: AuthClient) -> set[str]:
    return {key["kid"] for key in (await auth.get("/.well-known/jwks.json")).json()["keys"]}


async def test_twenty_rotations_at_once_on_two_replicas_are_one(auth: AuthClient, other: AuthClient) -> None:
    admin = await auth.access_token(**ADMIN)
    answers = await asyncio.gather(
        *((auth, other)[turn % 2].send("POST", "/auth/keys/rotate", admin) for turn in range(20))
    )
    assert {answer.status_code for answer in answers} == {200}
    keys = (await auth.get("/auth/keys", admin)).json()
    assert Counter(key["state"] for key in keys) == {"active": 1, "next": 1, "retired": 1}
    events = (await auth.get("/auth/audit?limit=100&event=key.activated", admin)).json()["items"]
    assert len(events) == 2  # the first key of all, and one more


async def test_every_replica_publishes_and_uses_a_rotated_key_at_once(auth: AuthClient, other: AuthClient) -> None:
    admin = await auth.access_token(**ADMIN)
    for emergency in (False, True):
        answer = await auth.send("POST", "/auth/keys/rotate", admin, {"emergency": emergency})
        assert answer.status_code == 200
        async with asyncio.timeout(5):  # it would reload by itself after 30 s
            while await published(other) != {key["kid"] for key in answer.json()}:
                pass
        (active,) = (key["kid"] for key in answer.json() if key["state"] == "active")
        assert jwt.get_unverified_header(await other.access_token(**ADMIN))["kid"] == active


@pytest.mark.parametrize("turns", [25, pytest.param(125, marks=pytest.mark.heavy)])
async def test_rotation_in_the_middle_of_traffic_fails_nothing(auth: AuthClient, other: AuthClient, turns: int) -> None:
    admin = await auth.access_token(**ADMIN)
    headers = {"Authorization": f"Bearer {admin}"}
    body = {"name": "traffic", "scopes": ["files:read"]}
    client = (await auth.http.post(f"{auth.origin}/auth/clients", json=body, headers=headers)).json()
    credentials = {key: client[key] for key in ("client_id", "client_secret")} | {"grant_type": "client_credentials"}
    replicas = [auth, other]
    await auth.register()
    sessions = [(await auth.sign_in()).json()["refresh_token"] for _ in range(4)]
    kids: set[str] = set()
    done = 0

    async with verifying(replicas[1]) as verifier:

        async def traffic(worker: int) -> None:
            nonlocal done
            refresh = sessions[worker] if worker < len(sessions) else None
            for turn in range(turns):
                grant = {"grant_type": "refresh_token", "refresh_token": refresh} if refresh else credentials
                answer = await replicas[(worker + turn) % 2].token(**grant)
                assert answer.status_code == 200, answer.text
                token, refresh = answer.json()["access_token"], answer.json().get("refresh_token")
                await verifier.verify(token)
                kids.add(jwt.get_unverified_header(token)["kid"])
                done += 1
                if done in {4 * turns, 8 * turns, 12 * turns}:
                    assert (await auth.send("POST", "/auth/keys/rotate", admin)).status_code == 200

        await asyncio.gather(*(traffic(worker) for worker in range(16)))
        await verifier.verify(admin)  # signed by the key that is retired now
    assert done == 16 * turns
    assert len(kids) == 2


async def test_only_admins_see_and_rotate_keys_and_nobody_sees_private_parts(auth: AuthClient) -> None:
    await auth.register()
    token = await auth.access_token()
    assert (await auth.get("/auth/keys", token)).status_code == 403
    assert (await auth.send("POST", "/auth/keys/rotate", token)).status_code == 403
    admin = await auth.access_token(**ADMIN)
    keys = (await auth.get("/auth/keys", admin)).json()
    fields = {"kid", "state", "created_at", "activates_at", "activated_at", "retired_at", "gone_at"}
    assert all(key.keys() == fields for key in keys)
    after = (await auth.send("POST", "/auth/keys/rotate", admin, {"emergency": True})).json()
    assert not {key["kid"] for key in keys} & {key["kid"] for key in after}
    async with verifying(auth) as verifier:
        with pytest.raises(InvalidToken):
            await verifier.verify(admin)
