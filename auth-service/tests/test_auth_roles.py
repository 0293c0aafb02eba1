"""Roles, and what administrators do with accounts."""

import asyncio
from operator import itemgetter
from uuid import uuid4

import pytest
from auth_client import ADMIN, AuthClient
from test_auth_tokens import claims


async def set_roles(auth: AuthClient, admin: str, user_id: str, *roles: str) -> int:
    return (await auth.send("PUT", f"/auth/users/{user_id}/roles", admin, {"roles": list(roles)})).status_code


async def test_a_role_gives_its_scopes_with_the_next_token(auth: AuthClient, admin: str) -> None:
    user = (await auth.register()).json()
    before = (await auth.sign_in()).json()
    answer = await auth.send("PUT", "/auth/roles/auditor", admin, {"scopes": ["audit:read", "files:read"]})
    assert answer.json() == {"name": "auditor", "scopes": ["audit:read", "files:read"]}
    assert await set_roles(auth, admin, user["id"], "user", "auditor") == 200
    after = (await auth.token(grant_type="refresh_token", refresh_token=before["refresh_token"])).json()
    assert "audit:read" not in after["scope"].split()  # a session has what it was opened with, at the most
    assert "audit:read" in (await auth.sign_in()).json()["scope"].split()


async def test_a_role_taken_away_takes_its_scopes_along(auth: AuthClient, admin: str) -> None:
    user = (await auth.register()).json()
    assert await set_roles(auth, admin, user["id"], "user", "admin") == 200
    tokens = (await auth.sign_in()).json()
    assert "admin" in tokens["scope"].split()
    assert await set_roles(auth, admin, user["id"], "user") == 200
    after = (await auth.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])).json()
    assert "admin" not in after["scope"].split()


async def test_roles_that_do_not_exist_are_refused(auth: AuthClient, admin: str) -> None:
    user = (await auth.register()).json()
    assert await set_roles(auth, admin, user["id"], "user", "ghost") == 422


async def test_roles_in_use_and_built_in_ones_stay(auth: AuthClient, admin: str) -> None:
    user = (await auth.register()).json()
    await auth.send("PUT", "/auth/roles/auditor", admin, {"scopes": ["audit:read"]})
    await set_roles(auth, admin, user["id"], "auditor")
    assert (await auth.delete("/auth/roles/auditor", admin)).status_code == 409
    await set_roles(auth, admin, user["id"], "user")
    assert (await auth.delete("/auth/roles/auditor", admin)).status_code == 204
    assert (await auth.delete("/auth/roles/auditor", admin)).status_code == 404
    for built_in in ("user", "admin"):
        assert (await auth.delete(f"/auth/roles/{built_in}", admin)).status_code == 409
        assert (await auth.send("PUT", f"/auth/roles/{built_in}", admin, {"scopes": []})).status_code == 409


@pytest.mark.parametrize("scope", ["", "two words", 'quo"te', "back\\slash", "x" * 101, "é"])
async def test_scopes_are_rfc_6749_tokens(auth: AuthClient, admin: str, scope: str) -> None:
    assert (await auth.send("PUT", "/auth/roles/odd", admin, {"scopes": [scope]})).status_code == 422


@pytest.mark.parametrize("how", ["demote", "disable", "delete"])
async def test_of_two_admins_removing_each_other_at_once_one_stays(auth: AuthClient, admin: str, how: str) -> None:
    other = (await auth.register()).json()
    await set_roles(auth, admin, other["id"], "user", "admin")
    other_token = await auth.access_token()
    own_id = (await auth.get("/auth/profile", admin)).json()["id"]

    async def remove(token: str, user_id: str) -> bool:
        user = f"/auth/users/{user_id}"
        if how == "demote":
            return await set_roles(auth, token, user_id, "user") == 200
        if how == "disable":
            return (await auth.send("PATCH", user, token, {"disabled": True})).status_code == 200
        return (await auth.delete(user, token)).status_code == 204

    removed = await asyncio.gather(remove(admin, other["id"]), remove(other_token, own_id))
    assert sorted(removed) == [False, True]
    remaining = [(await auth.sign_in(**who)).json().get("scope", "").split() for who in ({}, ADMIN)]
    assert sum("admin" in scopes for scopes in remaining) == 1


async def test_a_disabled_account_is_out_and_comes_back_when_enabled(auth: AuthClient, admin: str) -> None:
    user = (await auth.register()).json()
    tokens = (await auth.sign_in()).json()
    path = f"/auth/users/{user['id']}"
    assert (await auth.send("PATCH", path, admin, {"disabled": True})).json()["disabled_at"] is not None
    assert (await auth.get("/auth/profile", tokens["access_token"])).status_code == 401
    assert (await auth.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])).status_code == 400
    assert (await auth.sign_in()).status_code == 400
    assert (await auth.send("PATCH", path, admin, {"disabled": False})).json()["disabled_at"] is None
    assert (await auth.sign_in()).status_code == 200
    assert (await auth.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])).status_code == 400


async def test_the_last_admin_cannot_be_disabled_or_demoted(auth: AuthClient, admin: str) -> None:
    own_id = (await auth.get("/auth/profile", admin)).json()["id"]
    assert (await auth.send("PATCH", f"/auth/users/{own_id}", admin, {"disabled": True})).status_code == 409
    assert await set_roles(auth, admin, own_id, "user") == 409


async def test_users_are_found_by_address_role_and_state(auth: AuthClient, admin: str) -> None:
    ids = {name: (await auth.register(email=f"{name}@example.com")).json()["id"] for name in ("anna", "anton", "b_b")}
    await auth.send("PATCH", f"/auth/users/{ids['anton']}", admin, {"disabled": True})

    async def found(query: str) -> list[str]:
        return [user["email"].split("@")[0] for user in (await auth.get(f"/auth/users?{query}", admin)).json()["items"]]

    assert await found("q=AN") == ["anna", "anton"]
    assert await found("q=b%25") == []
    assert await found("q=b_") == ["b_b"]
    assert await found("role=admin") == ["root"]
    assert await found("disabled=true") == ["anton"]
    assert await found("q=an&disabled=false") == ["anna"]


async def test_an_admin_signs_somebody_out_everywhere(auth: AuthClient, admin: str) -> None:
    user = (await auth.register()).json()
    tokens = (await auth.sign_in()).json()
    assert (await auth.delete(f"/auth/users/{user['id']}/sessions", admin)).status_code == 204
    assert (await auth.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])).status_code == 400
    assert (await auth.sign_in()).status_code == 200


async def test_an_admin_sees_where_somebody_is_signed_in_a_page_at_a_time(auth: AuthClient, admin: str) -> None:
    user = (await auth.register()).json()
    path = f"/auth/users/{user['id']}/sessions"
    own = [await auth.access_token() for _ in range(3)]
    ended = await auth.access_token()
    await auth.delete(f"/auth/sessions/{claims(ended)['sid']}", ended)
    first = (await auth.get(f"{path}?limit=2", admin)).json()
    rest = (await auth.get(f"{path}?limit=2&cursor={first['next_cursor']}", admin)).json()
    shown = first["items"] + rest["items"]
    assert [one["id"] for one in shown] == [claims(token)["sid"] for token in reversed(own)]
    assert (len(first["items"]), rest["next_cursor"]) == (2, None)
    mine = (await auth.get("/auth/sessions", own[0])).json()
    key = itemgetter("id")
    assert sorted(shown, key=key) == sorted(({**one, "current": False} for one in mine), key=key)


async def test_only_admins_see_the_sessions_of_others(auth: AuthClient, admin: str) -> None:
    user = (await auth.register()).json()
    path = f"/auth/users/{user['id']}/sessions"
    assert (await auth.get(path)).status_code == 401
    assert (await auth.get(path, await auth.access_token())).status_code == 403
    assert (await auth.get(f"{path}?cursor=nonsense", admin)).status_code == 422
    assert (await auth.get(f"/auth/users/{uuid4()}/sessions", admin)).status_code == 404
    (current,) = (await auth.get(f"/auth/users/{claims(admin)['sub']}/sessions", admin)).json()["items"]
    assert current["current"] is True


async def test_the_audit_trail_tells_who_did_what_from_where(auth: AuthClient, admin: str) -> None:
    user = (await auth.register()).json()
    own_id = (await auth.get("/auth/profile", admin)).json()["id"]
    headers = {"X-Request-ID": "trace-me-123", "Authorization": f"Bearer {admin}"}
    await auth.http.put(f"{auth.origin}/auth/users/{user['id']}/roles", json={"roles": ["user"]}, headers=headers)
    page = (await auth.get(f"/auth/audit?account_id={user['id']}&limit=1", admin)).json()
    (event,) = page["items"]
    assert (event["event"], event["actor_id"], event["address"]) == ("account.roles_set", own_id, "127.0.0.1")
    assert event["request_id"] == "trace-me-123"
    older = (await auth.get(f"/auth/audit?account_id={user['id']}&cursor={page['next_cursor']}", admin)).json()
    assert [one["event"] for one in older["items"]] == ["account.registered"]
    by_event = (await auth.get("/auth/audit?event=account.first_admin", admin)).json()
    assert len(by_event["items"]) == 1
    assert (await auth.get("/auth/audit")).status_code == 401
