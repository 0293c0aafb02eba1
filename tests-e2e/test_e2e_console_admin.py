"""Administrators see to an installation in the web console."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import asyncpg
import pyotp
import pytest
from app_client import PASSWORD, App
from client_app import register
from console_window import Window
from playwright.sync_api import Page, expect
from stack import ADMIN_EMAIL, ADMIN_PASSWORD, Stack

pytestmark = pytest.mark.heavy

Open = Callable[[], Window]
HOSTILE = "<img src=x onerror=\"document.title='owned'\">"


@pytest.fixture
def own(window: Open, admin: App) -> Window:
    """The browser of an administrator."""
    return window().signed_in(ADMIN_EMAIL, ADMIN_PASSWORD)


def sign_in(app: App) -> int:
    form = {"grant_type": "password", "username": app.email, "password": PASSWORD}
    return app.http.post("/auth/token", data=form).status_code


def account(own: Window, app: App) -> Page:
    """The page of the person's account, found by its address."""
    page = own.open("admin/accounts", "Accounts")
    page.get_by_label("Address begins with").fill(app.email[:20])
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_role("link", name=app.email).click()
    expect(page.get_by_role("heading", level=1, name=app.email)).to_be_visible()
    return page


def test_an_account_is_found_by_address_role_and_state(own: Window, app: App) -> None:
    app.http.patch("/auth/profile", json={"name": HOSTILE})
    page = own.open("admin/accounts", "Accounts")
    page.get_by_label("Address begins with").fill(app.email[:20])
    expect(page.get_by_role("row")).to_have_count(2)
    expect(page.get_by_text(HOSTILE)).to_be_visible()
    own.judge("admin-accounts")
    page.get_by_label("Role").select_option("admin")
    expect(page.get_by_text("No account is like that.")).to_be_visible()
    page.get_by_label("Role").select_option("user")
    page.get_by_label("State").select_option("true")
    expect(page.get_by_text("No account is like that.")).to_be_visible()
    page.get_by_label("State").select_option("false")
    page.get_by_role("link", name=app.email).click()
    expect(page.get_by_role("heading", level=1, name=app.email)).to_be_visible()
    page.go_back()
    expect(page.get_by_label("Role")).to_have_value("user")
    expect(page.get_by_role("row")).to_have_count(2)
    assert page.locator("img[src=x]").count() == 0


def test_a_disabled_account_is_let_in_nowhere(own: Window, app: App) -> None:
    page = account(own, app)
    page.get_by_role("button", name="Disable").click()
    own.answer("Cancel")
    assert sign_in(app) == 200
    page.get_by_role("button", name="Disable").click()
    own.answer("Disable")
    own.told("The account is disabled")
    expect(page.locator(".facts .chip", has_text="disabled")).to_be_visible()
    assert sign_in(app) == 400
    expect(page.get_by_role("button", name="Enable")).to_be_focused()
    page.get_by_role("button", name="Enable").click()
    own.told("The account is enabled")
    assert sign_in(app) == 200


def test_a_role_is_made_given_and_deleted_once_nobody_has_it(own: Window, app: App) -> None:
    role = f"r{uuid4().hex[:12]}"
    page = own.open("admin/roles", "Roles")
    page.get_by_role("button", name="New role").click()
    own.dialog.get_by_label("files:read").check()
    own.answer("Save", Name=role, Other_scopes="reports:read reports:write")
    own.told(f"The role {role} is saved")
    expect(page.get_by_text("reports:write").last).to_be_visible()
    own.judge("admin-roles")

    page = account(own, app)
    page.get_by_label(role).check()
    page.get_by_role("button", name="Save roles").click()
    own.told("The roles are saved")
    assert "reports:read" in app.ask_for_tokens()["scope"].split()

    page = own.open("admin/roles", "Roles")
    page.get_by_role("button", name=f"Delete {role}").click()
    own.answer("Delete")
    own.told("Somebody has this role")
    page = account(own, app)
    page.get_by_label(role).uncheck()
    page.get_by_role("button", name="Save roles").click()
    own.told("The roles are saved")
    page = own.open("admin/roles", "Roles")
    page.get_by_role("button", name=f"Change {role}").click()
    own.dialog.get_by_label("files:read").uncheck()
    own.answer("Save")
    own.told(f"The role {role} is saved")
    page.get_by_role("button", name=f"Delete {role}").click()
    own.answer("Delete")
    own.told(f"The role {role} is deleted")
    expect(page.get_by_text(role, exact=True)).to_have_count(0)


def test_an_account_s_sessions_are_seen_and_ended(own: Window, app: App) -> None:
    app.http.headers["User-Agent"] = HOSTILE
    app.use(app.ask_for_tokens())
    page = account(own, app)
    expect(page.get_by_text(HOSTILE)).to_be_visible()
    assert page.locator("img[src=x]").count() == 0
    own.judge("admin-account")
    page.get_by_role("button", name="End all").click()
    own.answer("End them")
    expect(page.get_by_text("It is signed in nowhere.")).to_be_visible()
    refresh = {"grant_type": "refresh_token", "refresh_token": app.tokens["refresh_token"]}
    assert app.http.post("/auth/token", data=refresh).status_code == 400


def test_a_quota_is_set_and_taken_back(own: Window, app: App) -> None:
    before = app.http.get("/files/usage").json()["quota"]
    page = account(own, app)
    page.get_by_label("New quota").fill("1.5")
    page.get_by_label("Unit").select_option("GiB")
    page.get_by_role("button", name="Set quota").click()
    expect(page.get_by_text("0 B of 1.5 GiB in 0 files")).to_be_visible()
    assert app.http.get("/files/usage").json()["quota"] == 3 * 2**29
    page.get_by_role("button", name="As for everybody").click()
    expect(page.get_by_text("0 B of 1.5 GiB in 0 files")).to_have_count(0)
    assert app.http.get("/files/usage").json()["quota"] == before


def test_an_account_is_deleted_by_whoever_types_its_address(own: Window, app: App) -> None:
    page = account(own, app)
    page.get_by_role("button", name="Delete this account …").click()
    own.answer("Delete", **{f"Type_{app.email}_to_be_sure": "admin@example.com"})
    expect(own.dialog.get_by_text(f"That is not {app.email}")).to_be_visible()
    own.answer("Delete", **{f"Type_{app.email}_to_be_sure": app.email})
    expect(page.get_by_role("heading", name="Accounts")).to_be_visible()
    assert sign_in(app) == 400


def test_the_last_administrator_stays_one(own: Window, admin: App) -> None:
    me = admin.http.get("/auth/profile").json()
    page = own.open(f"admin/accounts/{me['id']}", ADMIN_EMAIL)
    expect(page.get_by_text("This is your own account.")).to_be_visible()
    page.get_by_label("admin admin").uncheck()
    page.get_by_role("button", name="Save roles").click()
    expect(page.get_by_text("This is the last administrator")).to_be_visible()


def lines(own: Window) -> dict[str, str]:
    """What the dialog shows this once."""
    shown = own.dialog.get_by_role("listitem").all_inner_texts()
    return dict(line.split(": ", 1) for line in shown)


def grant(admin: App, credentials: dict[str, str]) -> int:
    form = {"grant_type": "client_credentials", **credentials}
    return admin.http.post("/auth/token", data=form, headers={"Authorization": ""}).status_code


def test_a_service_account_is_registered_renewed_and_deleted(own: Window, admin: App) -> None:
    name = f"{HOSTILE} {uuid4().hex[:8]}"
    page = own.open("admin/apps", "Apps and service accounts")
    page.get_by_role("button", name="Register").click()
    own.judge("admin-registration")
    own.dialog.get_by_label("files:read").check()
    own.answer("Register", Name=name)
    expect(own.dialog.get_by_role("heading", name=f"The credentials of {name}")).to_be_visible()
    credentials = lines(own)
    own.answer("I have kept it")
    expect(page.get_by_text(name, exact=True)).to_be_visible()
    assert page.locator("img[src=x]").count() == 0
    assert grant(admin, credentials) == 200

    page.get_by_role("button", name=f"New secret for {name}").click()
    own.answer("Make one")
    expect(own.dialog.get_by_role("heading", name=f"The new secret of {name}")).to_be_visible()
    renewed = lines(own)
    own.answer("I have kept it")
    assert grant(admin, credentials) == 401
    assert grant(admin, renewed) == 200
    own.judge("admin-apps")

    page.get_by_role("button", name=f"Delete {name}").click()
    own.dialog.get_by_role("textbox").fill(name)
    own.answer("Delete")
    own.told(f"{name} is deleted")
    assert grant(admin, renewed) == 401


def test_an_app_on_people_s_devices_has_addresses_and_no_secret(own: Window) -> None:
    page = own.open("admin/apps", "Apps and service accounts")
    page.get_by_role("button", name="Register").click()
    own.dialog.get_by_label("Kind").select_option("public")
    own.answer("Register", Name="Notes", Addresses_that_people_are_sent_back_to="http://app.example/back")
    expect(own.dialog.get_by_text("It must be https, http on loopback")).to_be_visible()
    own.answer("Register", Addresses_that_people_are_sent_back_to="com.example.notes:/back\nhttps://app.example/back")
    expect(own.dialog.get_by_text("This app keeps no secret")).to_be_visible()
    assert set(lines(own)) == {"client_id"}
    client_id = lines(own)["client_id"]
    own.answer("I have kept it")
    row = page.get_by_role("row").filter(has_text=client_id)
    expect(row).to_contain_text("com.example.notes:/back")
    assert row.get_by_role("button", name="New secret").count() == 0


def test_a_long_list_comes_page_by_page_and_the_focus_goes_along(own: Window, admin: App) -> None:
    for number in range(60):
        register(admin, name=f"Printer {number}")
    page = own.open("admin/apps", "Apps and service accounts")
    expect(page.locator("tbody tr")).to_have_count(50)
    page.get_by_role("button", name="Show more").click()
    expect(page.locator("tbody tr").nth(50)).to_be_focused()
    shown = page.locator("tbody td:nth-child(2)").all_inner_texts()
    assert len(set(shown)) == len(shown) > 50


def test_keys_are_rotated(own: Window, admin: App) -> None:
    page = own.open("admin/keys", "Signing keys")
    expect(page.locator(".chip", has_text="active")).to_have_count(1)
    own.judge("admin-keys")
    page.get_by_role("button", name="Rotate").click()
    own.answer("Rotate")
    own.told("The rotation is on its way")
    events = admin.http.get("/auth/audit", params={"event": "key.rotation_requested"}).json()["items"]
    assert events
    page.get_by_role("button", name="Replace all keys …").click()
    own.answer("Replace all keys", Type_replace_to_be_sure="yes")
    expect(own.dialog.get_by_text("That is not replace")).to_be_visible()


def test_the_audit_trail_reads_as_sentences_and_is_filtered(own: Window, app: App) -> None:
    sign_in(app)
    page = own.open("admin/audit", "Audit")
    page.get_by_label("Account").fill(app.email)
    expect(page.locator("tbody tr")).to_have_count(3)  # registered, signed in by the fixture and here
    expect(page.locator("tbody tr").first).to_contain_text("signed in")
    expect(page.locator("tbody tr").last).to_contain_text("registered")
    expect(page.get_by_role("link", name=app.email)).to_have_count(3)
    own.judge("admin-audit")
    page.get_by_label("Event").select_option("account.registered")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_label("Account").fill("nobody at all")
    expect(page.get_by_text("Nothing like that happened.")).to_be_visible()


@pytest.fixture
def database(embedded: Stack) -> Iterator[Callable[..., object]]:
    """Does as its operator can, in a thread of its own: the browser's loop runs in this one."""
    dsn = embedded.service("file_service").environ()["STRONGROOM_DATABASE_URL"].replace("+asyncpg", "")

    async def execute(statement: str, *values: object) -> object:
        connection = await asyncpg.connect(dsn)
        try:
            return await connection.fetchval(statement, *values)
        finally:
            await connection.close()

    with ThreadPoolExecutor(1) as thread:
        yield lambda *asked: thread.submit(lambda: asyncio.run(execute(*asked))).result()


def test_a_job_that_was_given_up_is_tried_again(own: Window, database: Callable[..., object]) -> None:
    job = database(
        "insert into files.pgqueuer (priority, entrypoint, status, attempts, execute_after) "
        "values (0, $1, 'failed', 3, now()) returning id",
        HOSTILE,
    )
    page = own.open("admin/jobs", "Jobs")
    page.get_by_label("State").select_option("failed")
    expect(page.locator("tbody tr").filter(has_text=HOSTILE)).to_be_visible()
    assert page.locator("img[src=x]").count() == 0
    own.judge("admin-jobs")
    page.get_by_role("button", name=f"Try again: job {job}").click()
    own.told(f"Job {job} is tried again")
    expect(page.get_by_role("button", name=f"Try again: job {job}")).to_have_count(0)
    page.get_by_label("State").select_option("queued")
    expect(page.locator("tbody tr").filter(has_text=HOSTILE)).to_be_visible()
    database("delete from files.pgqueuer where id = $1", job)


def test_damaged_bytes_are_shown_with_their_owner(own: Window, app: App, database: Callable[..., object]) -> None:
    page = own.open("admin/integrity", "Integrity")
    expect(page.get_by_text("Every version that was looked at is as it was stored.")).to_be_visible()
    path = f"{HOSTILE}.txt".replace("/", "")
    file = app.upload(b"not as it was", path=path)
    database("update files.file_versions set damaged_at = now() where file_id = $1", file["id"])
    page.reload()
    expect(page.locator("tbody tr").filter(has_text=path)).to_be_visible()
    assert page.locator("img[src=x]").count() == 0
    own.judge("admin-integrity")
    database("update files.file_versions set damaged_at = null where file_id = $1", file["id"])
    page.locator("tbody a").click()
    expect(page.get_by_role("heading", level=1, name=app.email)).to_be_visible()


def test_second_factors_are_reset_for_who_lost_them(own: Window, app: App) -> None:
    started = app.http.post("/auth/mfa/totp", json={"current_password": PASSWORD}).json()
    code = {"code": pyotp.TOTP(started["secret"]).now()}
    assert app.http.post("/auth/mfa/totp/confirm", json=code).status_code == 200
    assert sign_in(app) == 403
    page = account(own, app)
    page.get_by_role("button", name="Reset second factors").click()
    own.answer("Reset")
    own.told("A password is enough again")
    assert sign_in(app) == 200


def test_a_list_that_cannot_be_fetched_says_why_and_is_tried_again(window: Open) -> None:
    own = window().signed_in(ADMIN_EMAIL, ADMIN_PASSWORD)
    page = own.open("admin/accounts", "Accounts")
    own.context.set_offline(True)
    page.get_by_label("Address begins with").fill(ADMIN_EMAIL)
    expect(page.get_by_role("alert").filter(has_text="The server cannot be reached")).to_be_visible()
    own.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("link", name=ADMIN_EMAIL)).to_be_visible()
    assert own.faults
    assert all("ERR_INTERNET_DISCONNECTED" in fault for fault in own.faults)
    own.faults.clear()


def test_a_dialog_is_used_without_a_mouse(own: Window) -> None:
    page = own.open("admin/roles", "Roles")
    page.get_by_role("button", name="New role").focus()
    page.keyboard.press("Enter")
    expect(own.dialog.get_by_label("Name")).to_be_focused()
    page.keyboard.press("Escape")
    expect(own.dialog).to_have_count(0)
    expect(page.get_by_role("button", name="New role")).to_be_focused()


def test_a_part_that_does_not_exist_says_so(own: Window) -> None:
    own.open("admin/nothing", "There is no such page")
    own.open(f"admin/accounts/{uuid4()}", "This page cannot be shown now")
    expect(own.page.get_by_text("There is no such account")).to_be_visible()
