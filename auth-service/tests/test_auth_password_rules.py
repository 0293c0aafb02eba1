"""Which passwords are taken: any that is hard to guess, whatever it is made of."""

from typing import Any

import pytest
from auth_client import AuthClient
from browser import Browser, Page
from oauth_app import OAuthApp

from auth_service.accounts.errors import WeakPassword
from auth_service.accounts.strength import require_strong


@pytest.mark.parametrize(
    "password",
    [
        "orchardlanternviolin",
        "ORCHARDLANTERNVIOLIN",
        "83710264958273",
        "квартира фонарь скрипка",
        "🏔️🎻🚪🌾🛶🔭🪴🧭",
        " leading and trailing ",
        "!&#%;<>\"'\\`|~^",
    ],
)
def test_there_are_no_rules_of_composition(password: str) -> None:
    require_strong(password, known=["Ada", "ada@example.com"])


@pytest.mark.parametrize(
    "password",
    ["password", "password1", "iloveyou", "qwertyuiop", "Passw0rd!", "1234567890", "letmein123", "aaaaaaaaaaaa"],
)
def test_what_many_people_have_is_refused(password: str) -> None:
    with pytest.raises(WeakPassword):
        require_strong(password, known=[])


@pytest.mark.parametrize(
    "password", ["strongroom", "Strongroom1", "str0ngr00m", "moorgnorts", "ada@example.com", "Lovelace1815"]
)
def test_the_names_of_the_house_and_of_its_owner_are_no_passwords(password: str) -> None:
    with pytest.raises(WeakPassword):
        require_strong(password, known=["Ada Lovelace 1815", "Lovelace", "ada@example.com"])


async def test_password_managers_find_the_fields_and_nobody_reads_along(
    app: OAuthApp, auth: AuthClient, browser: Browser
) -> None:
    sign_in = await browser.arrive(app.link())
    fields = {found["name"]: found for tag, found in sign_in.tags if tag == "input"}
    assert (fields["password"]["type"], fields["password"]["autocomplete"]) == ("password", "current-password")
    assert fields["username"]["autocomplete"] == "username"
    reset = Page(await auth.get("/auth/password/reset?token=x"))
    assert not [found for tag, found in reset.tags if tag == "input" and found.get("type") == "text"]


async def test_nobody_gives_themselves_what_is_not_theirs_to_give(auth: AuthClient) -> None:
    """Members that the form of a request does not have change nothing (broken object property level authorisation)."""
    more: dict[str, Any] = {
        "roles": ["admin"],
        "email_verified": True,
        "disabled": False,
        "id": "01a20f6c-e4fa-76e3-be63-e0b65c01e5a3",
    }
    made = (await auth.register("ada@example.com", **more)).json()
    token = await auth.access_token()
    changed = await auth.send("PATCH", "/auth/profile", token, {"name": "Ada", **more})
    assert changed.status_code in {200, 422}
    now = (await auth.get("/auth/profile", token)).json()
    assert (now["id"], now["roles"], now["email_verified"]) == (made["id"], ["user"], False)
    assert (await auth.get("/auth/users", token)).status_code == 403
