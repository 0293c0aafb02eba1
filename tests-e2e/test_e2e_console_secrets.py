"""What a script finds that gets into the console, no refresh token anywhere, and where it cannot come from."""

import json
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from app_client import PASSWORD, App
from console_window import Window
from playwright.sync_api import Page, Request, expect

pytestmark = pytest.mark.heavy

REFRESH = "strongroom_refresh"
# All that a page keeps, and what the token endpoint tells a script that asks it.
_WITHIN_REACH = """async () => {
    const kept = [document.cookie, location.href, document.documentElement.outerHTML, JSON.stringify(history.state)];
    kept.push(JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage }));
    kept.push(JSON.stringify(await cookieStore.getAll()), JSON.stringify(await caches.keys()));
    for (const { name } of await indexedDB.databases()) {
        const database = await new Promise((resolve) => {
            indexedDB.open(name).onsuccess = (event) => resolve(event.target.result);
        });
        for (const store of database.objectStoreNames) {
            const rows = database.transaction(store).objectStore(store).getAll();
            kept.push(JSON.stringify(await new Promise((resolve) => { rows.onsuccess = () => resolve(rows.result); })));
        }
        database.close();
    }
    const body = new URLSearchParams({ client_id: "strongroom-console", grant_type: "refresh_token" });
    const answer = await fetch("auth/token", { method: "POST", body });
    return { kept, told: await answer.text(), headers: [...answer.headers] };
}"""


def test_a_script_finds_no_refresh_token(window: Callable[[], Window], app: App) -> None:
    one = window()
    asked = requests_of(one.page)
    page = one.signed_in(app.email, PASSWORD).open("files", "Files")
    before = refresh_token(one)
    found = page.evaluate(_WITHIN_REACH)
    after = refresh_token(one)
    assert before != after  # so the endpoint was asked for real
    told = json.loads(found["told"])
    assert set(told) == {"access_token", "token_type", "expires_in", "scope"}
    for secret in (before, after):
        assert secret not in json.dumps(found)
    # What the page kept has no access token either; each begins like this, whoever it is for.
    beginning = told["access_token"].partition(".")[0]
    assert beginning not in json.dumps(found["kept"])
    assert not [request.url for request in asked if beginning in request.url]


def test_the_refresh_token_is_sent_to_the_token_endpoint_alone(window: Callable[[], Window], app: App) -> None:
    one = window()
    asked = requests_of(one.page)
    page = one.signed_in(app.email, PASSWORD).open("files", "Files")
    stays_signed_in(page)
    with_it = {request.url for request in asked if REFRESH in request.all_headers().get("cookie", "")}
    assert with_it == {f"{one.url}/auth/token"}
    assert len({request.url for request in asked}) > len(with_it)


def test_no_script_that_somebody_stored_runs_in_the_console(window: Callable[[], Window], app: App) -> None:
    file_id = app.upload(b"globalThis.ran = true;", "code.js")["id"]
    link = app.http.post(f"/files/{file_id}/links", json={}).json()["url"]
    own = app.http.post(f"/files/{file_id}/download-url").json()["url"]
    one = window()
    one.sign_in(app.email, PASSWORD)
    page = one.open("files", "Files")
    for address in (link, own):
        path = urlsplit(address).path
        assert page.evaluate("path => fetch(path).then((answer) => answer.status)", path) == 200
        assert page.evaluate("path => import(path).then(() => 'ran', () => 'refused')", path) == "refused"
    assert page.evaluate("globalThis.ran") is None
    assert len(one.faults) == 2
    assert all("403" in fault for fault in one.faults)
    one.faults.clear()


def requests_of(page: Page) -> list[Request]:
    asked: list[Request] = []

    def note(request: Request) -> None:  # Playwright marks what it is given, which a list's own method does not bear
        asked.append(request)

    page.on("request", note)
    return asked


def stays_signed_in(page: Page) -> None:
    page.reload()
    expect(page.get_by_role("navigation", name="Pages")).to_be_visible()


def refresh_token(window: Window) -> str:
    (cookie,) = [one for one in window.context.cookies() if one["name"].endswith(REFRESH)]
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    return str(cookie["value"])
