"""A page of the gateway's own origin stays signed in by a cookie that it cannot read, and no other page does."""

import httpx2
from app_client import PASSWORD, App

CONSOLE = {"client_id": "strongroom-console"}
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


def test_through_the_gateway(app: App, url: str) -> None:
    form = {**CONSOLE, "grant_type": "password", "username": app.email, "password": PASSWORD}
    refresh = {**CONSOLE, "grant_type": "refresh_token"}
    with httpx2.Client(base_url=url, trust_env=False, timeout=30) as page:
        for foreign in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}):
            assert page.post("/auth/token", data=form, headers=foreign).json()["error"] == "invalid_request"
        signed_in = page.post("/auth/token", data=form, headers=SAME_ORIGIN)
        assert signed_in.status_code == 200, signed_in.text
        assert "refresh_token" not in signed_in.json()
        (cookie,) = [one for one in page.cookies.jar if one.name.endswith("strongroom_refresh")]
        assert cookie.path == "/auth/token"
        refreshed = page.post("/auth/token", data=refresh, headers={"Origin": url})
        assert refreshed.status_code == 200, refreshed.text
        token = {"Authorization": f"Bearer {refreshed.json()['access_token']}"}
        (session,) = [one for one in page.get("/auth/sessions", headers=token).json() if one["current"]]
        assert session["client_id"] == "strongroom-console"
        assert page.delete(f"/auth/sessions/{session['id']}", headers=token).status_code == 204
        assert [one for one in page.cookies.jar if one.name.endswith("strongroom_refresh")] == []
