"""People change, protect and delete their own account."""

import pytest
from auth_client import ADMIN, PASSWORD, AuthClient

NEW = "meadow-cobalt-91-sparrow"


async def change_password(auth: AuthClient, token: str, current: str, new: str) -> int:
    body = {"current_password": current, "new_password": new}
    return (await auth.send("POST", "/auth/profile/password", token, body)).status_code


async def test_a_name_is_changed_and_taken_away(auth: AuthClient) -> None:
    await auth.register(name="Ada")
    token = await auth.access_token()
    assert (await auth.send("PATCH", "/auth/profile", token, {"name": "Countess"})).json()["name"] == "Countess"
    assert (await auth.send("PATCH", "/auth/profile", token, {})).json()["name"] == "Countess"
    assert (await auth.send("PATCH", "/auth/profile", token, {"name": None})).json()["name"] is None


async def test_a_changed_password_ends_every_other_session(auth: AuthClient) -> None:
    await auth.register()
    here, elsewhere = (await auth.sign_in()).json(), (await auth.sign_in()).json()
    assert await change_password(auth, here["access_token"], PASSWORD, NEW) == 204
    kept = await auth.token(grant_type="refresh_token", refresh_token=here["refresh_token"])
    lost = await auth.token(grant_type="refresh_token", refresh_token=elsewhere["refresh_token"])
    assert (kept.status_code, lost.status_code) == (200, 400)
    assert (await auth.sign_in()).status_code == 400
    assert (await auth.sign_in(password=NEW)).status_code == 200


async def test_a_stolen_token_alone_changes_no_password(auth: AuthClient) -> None:
    await auth.register()
    token = await auth.access_token()
    statuses = [await change_password(auth, token, f"guess-{number}", NEW) for number in range(7)]
    assert statuses == [403] * 5 + [429] * 2
    assert await change_password(auth, token, PASSWORD, NEW) == 429
    assert (await auth.sign_in()).status_code == 200


@pytest.mark.parametrize("weak", ["password", "short", "ada@example.com"])
async def test_a_new_password_must_be_strong_too(auth: AuthClient, weak: str) -> None:
    await auth.register()
    assert await change_password(auth, await auth.access_token(), PASSWORD, weak) == 422


async def test_a_deleted_account_is_gone_and_its_address_is_free(auth: AuthClient) -> None:
    await auth.register()
    tokens = (await auth.sign_in()).json()
    assert (await auth.delete("/auth/profile", tokens["access_token"])).status_code == 204
    assert (await auth.get("/auth/profile", tokens["access_token"])).status_code == 401
    assert (await auth.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])).status_code == 400
    assert (await auth.sign_in()).status_code == 400
    assert (await auth.register()).status_code == 201


async def test_the_last_admin_cannot_delete_themselves(auth: AuthClient) -> None:
    admin = await auth.access_token(**ADMIN)
    assert (await auth.delete("/auth/profile", admin)).status_code == 409
