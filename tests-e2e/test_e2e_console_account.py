"""People see to their own accounts in the web console."""

import os
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from app_client import PASSWORD, App
from console_window import Window
from PIL import Image
from playwright.sync_api import expect

import gateway.console

pytestmark = pytest.mark.heavy

Open = Callable[[], Window]
HOSTILE = "<img src=x onerror=\"document.title='owned'\">"
NEW_PASSWORD = "walnut-ferry-83-compass"


@pytest.fixture
def own(window: Open, app: App) -> Window:
    """The browser of somebody with a new account."""
    return window().signed_in(app.email, PASSWORD)


def test_a_name_is_text_whatever_is_in_it(own: Window) -> None:
    page = own.open("profile", "Your account")
    page.get_by_label("Name", exact=True).fill(HOSTILE)
    page.get_by_role("button", name="Save").click()
    own.told("Your name is saved")
    expect(page.locator(".person strong")).to_have_text(HOSTILE)
    page.reload()
    expect(page.get_by_label("Name", exact=True)).to_have_value(HOSTILE)
    assert page.locator("img[src=x]").count() == 0
    own.judge("profile")


def test_a_new_address_takes_the_password_and_waits_for_its_mail(own: Window, app: App) -> None:
    page = own.open("profile", "Your account")
    page.get_by_label("New address").fill(f"new-{app.email}")
    page.get_by_label("Your password").fill("not my password")
    page.get_by_role("button", name="Change address").click()
    expect(page.get_by_text("The current password is not right")).to_be_visible()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Change address").click()
    expect(page.get_by_text(f"A mail is on its way to new-{app.email}")).to_be_visible()
    assert app.http.get("/auth/profile").json()["email"] == app.email


def test_the_mail_that_confirms_an_address_can_be_had_again(own: Window, app: App) -> None:
    page = own.open("profile", "Your account")
    page.get_by_role("button", name="Send it again").click()
    expect(page.get_by_text(f"A mail with a link is on its way to {app.email}.")).to_be_visible()


def test_an_account_is_deleted_by_whoever_types_its_address(own: Window, app: App) -> None:
    page = own.open("profile", "Your account")
    page.get_by_role("button", name="Delete my account …").click()
    own.answer("Delete my account", **{f"Type_{app.email}_to_be_sure": "ada"})
    expect(own.dialog.get_by_text(f"That is not {app.email}")).to_be_visible()
    assert app.http.get("/auth/profile").status_code == 200
    own.answer("Delete my account", **{f"Type_{app.email}_to_be_sure": app.email})
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    again = {"grant_type": "password", "username": app.email, "password": PASSWORD}
    assert app.http.post("/auth/token", data=again).status_code == 400


def test_a_password_is_changed_for_a_strong_one_only(own: Window, window: Open, app: App) -> None:
    page = own.open("security", "Security")

    def change(current: str, new: str, again: str) -> None:
        page.get_by_label("Current password").fill(current)
        page.get_by_label("New password", exact=True).fill(new)
        page.get_by_label("New password again").fill(again)
        page.get_by_role("button", name="Change password").click()

    change(PASSWORD, NEW_PASSWORD, "something else")
    expect(page.get_by_text("The two new passwords are not the same")).to_be_visible()
    change(PASSWORD, "password1", "password1")
    expect(page.get_by_role("alert").filter(has_text="common")).to_be_visible()
    change(PASSWORD, NEW_PASSWORD, NEW_PASSWORD)
    own.told("Your password is changed")
    window().signed_in(app.email, NEW_PASSWORD)
    own.open("sessions", "Sessions")
    expect(page.get_by_role("row")).to_have_count(3)  # the head, this browser, the other one; the app's is ended


def scanned(own: Window, javascript: Path) -> str:
    """What another program reads from the code on the page."""
    picture = Image.open(BytesIO(own.page.locator(".qr").screenshot())).convert("RGBA")
    own.page.evaluate((javascript / "node_modules/jsqr/dist/jsQR.js").read_text())
    pixels = list(picture.tobytes())
    size = [picture.width, picture.height]
    script = "([pixels, [width, height]]) => jsQR(new Uint8ClampedArray(pixels), width, height)?.data"
    return str(own.page.evaluate(script, [pixels, size]))


def set_up(own: Window, javascript: Path) -> tuple[pyotp.TOTP, list[str]]:
    """An authenticator app for the account; answers it, and the recovery codes."""
    page = own.open("security", "Security")
    page.get_by_role("button", name="Set up").click()
    own.answer("Go on", Your_password=PASSWORD)
    expect(own.dialog.get_by_role("heading", name="Scan this with the app")).to_be_visible()
    uri = scanned(own, javascript)
    assert uri.startswith("otpauth://totp/Strongroom:")
    secret = parse_qs(urlsplit(uri).query)["secret"][0]
    assert secret in own.dialog.locator("code.secret").inner_text().replace(" ", "")
    totp = pyotp.TOTP(secret)
    own.answer("Confirm", Code_that_the_app_shows=totp.now())
    expect(own.dialog.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    codes = own.dialog.get_by_role("listitem").all_inner_texts()
    return totp, codes


def test_an_authenticator_app_is_set_up_used_and_removed(own: Window, window: Open, app: App, javascript: Path) -> None:
    page = own.open("security", "Security")
    own.judge("security")
    page.get_by_role("button", name="Set up").click()
    own.answer("Go on", Your_password="not my password")
    expect(own.dialog.get_by_text("The current password is not right")).to_be_visible()
    own.answer("Go on", Your_password=PASSWORD)
    own.answer("Confirm", Code_that_the_app_shows="000000")
    expect(own.dialog.get_by_text("The code is not right")).to_be_visible()
    own.judge("security-scan")
    own.answer("Cancel")

    totp, codes = set_up(own, javascript)
    assert len(codes) == 10
    own.judge("security-recovery-codes")
    page.keyboard.press("Escape")
    expect(own.dialog).to_be_visible()
    own.dialog.get_by_role("button", name="Copy").click()
    own.told("Copied")
    assert page.evaluate("navigator.clipboard.readText()").split() == codes
    with page.expect_download() as kept:
        own.dialog.get_by_role("button", name="Download").click()
    assert kept.value.suggested_filename == "strongroom-recovery-codes.txt"
    assert kept.value.path().read_text().split() == codes
    own.answer("I have kept it")
    expect(page.get_by_text("10 codes left")).to_be_visible()

    other = window()
    other.sign_in(app.email, PASSWORD)
    expect(other.page.get_by_role("heading", name="One more step")).to_be_visible()
    # The code of now was used when it was confirmed, and each is good once.
    other.page.get_by_label("Code").fill(totp.at(datetime.now(UTC) + timedelta(seconds=30)))
    other.page.get_by_role("button", name="Go on").click()
    expect(other.page.get_by_role("navigation", name="Pages")).to_be_visible()
    third = window()
    third.sign_in(app.email, PASSWORD)
    third.page.get_by_label("Code").fill(codes[0])
    third.page.get_by_role("button", name="Go on").click()
    expect(third.page.get_by_role("navigation", name="Pages")).to_be_visible()

    page = own.open("security", "Security")
    page.reload()
    expect(page.get_by_text("9 codes left")).to_be_visible()
    page.get_by_role("button", name="Remove").click()
    own.answer("Remove", Your_password=PASSWORD)
    own.told("The authenticator app is removed")
    window().signed_in(app.email, PASSWORD)


def test_recovery_codes_are_replaced(own: Window, app: App, javascript: Path) -> None:
    _, old = set_up(own, javascript)
    own.answer("I have kept it")
    own.page.get_by_role("button", name="New codes").click()
    own.answer("Go on", Your_password=PASSWORD)
    expect(own.dialog.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    new = own.dialog.get_by_role("listitem").all_inner_texts()
    assert len(new) == 10
    assert not set(old) & set(new)


def test_codes_of_every_size_are_read_by_another_decoder(javascript: Path) -> None:
    module = Path(gateway.console.__file__).parent / "assets/account/qr.js"
    shutil.copy(module, javascript / "qr.mjs")
    environment = {**os.environ, "QR_MODULE": "./qr.mjs"}
    command = [shutil.which("node") or "node", "qr_codes.mjs"]
    ran = subprocess.run(command, cwd=javascript, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def with_authenticator(own: Window) -> None:
    """The device can make passkeys, and its owner agrees to all."""
    session = own.context.new_cdp_session(own.page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_passkey_signs_in_until_it_is_removed(own: Window, app: App) -> None:
    with_authenticator(own)
    page = own.open("security", "Security")
    page.get_by_role("button", name="Add a passkey").click()
    own.answer("Go on", Name=HOSTILE, Your_password=PASSWORD)
    expect(own.dialog.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    own.answer("I have kept it")
    expect(page.get_by_role("cell", name=HOSTILE, exact=True)).to_be_visible()
    assert page.locator("img[src=x]").count() == 0
    own.judge("security-passkey")
    page.get_by_role("button", name="Add a passkey").click()
    own.answer("Go on", Name="the same again", Your_password=PASSWORD)
    expect(own.dialog.get_by_text("This device has a passkey for this account already")).to_be_visible()
    own.answer("Cancel")

    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("navigation", name="Pages")).to_be_visible()
    page = own.open("security", "Security")
    page.get_by_role("button", name=f"Remove {HOSTILE}").click()
    own.answer("Remove", Your_password=PASSWORD)
    own.told(f"{HOSTILE} is removed")
    assert app.http.get("/auth/mfa").json()["passkeys"] == 0


def test_sessions_are_seen_and_ended(own: Window, window: Open, app: App, url: str) -> None:
    other = window().signed_in(app.email, PASSWORD)
    with App(url) as program:
        program.email = app.email
        program.http.headers["User-Agent"] = HOSTILE
        program.use(program.ask_for_tokens())
        page = own.open("sessions", "Sessions")
        expect(page.get_by_role("row")).to_have_count(5)
        expect(page.get_by_text(HOSTILE)).to_be_visible()
        assert page.locator("img[src=x]").count() == 0
        own.judge("sessions")

        page.get_by_role("button", name=f"End the session of {HOSTILE}").click()
        own.answer("End it")
        own.told("The session is ended")
        expect(page.get_by_role("row")).to_have_count(4)
        refresh = {"grant_type": "refresh_token", "refresh_token": program.tokens["refresh_token"]}
        assert program.http.post("/auth/token", data=refresh).status_code == 400

    page.get_by_role("button", name="End all others").click()
    own.answer("End them")
    expect(page.get_by_role("row")).to_have_count(2)
    other.page.goto(f"{other.url}/#/profile")
    other.page.reload()
    expect(other.page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_signing_out_everywhere_is_signing_out_here(own: Window, app: App) -> None:
    page = own.open("sessions", "Sessions")
    page.get_by_role("button", name="Sign out everywhere").click()
    own.answer("Sign out")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_webhook_is_added_tried_changed_and_deleted(own: Window) -> None:
    page = own.open("webhooks", "Webhooks")
    expect(page.get_by_text("No program is told anything.")).to_be_visible()
    page.get_by_role("button", name="New webhook").click()
    own.answer("Save", Address="http://127.0.0.1:9/hook", Events="file.*")
    expect(own.dialog.get_by_text("Webhooks are sent to public addresses only")).to_be_visible()
    own.answer("Save", Address="https://hooks.example.com/strongroom", Description=HOSTILE)
    expect(own.dialog.get_by_role("listitem")).to_contain_text("whsec_")
    own.answer("I have kept it")
    expect(page.get_by_text(HOSTILE)).to_be_visible()
    own.judge("webhooks")

    page.get_by_role("link", name="https://hooks.example.com/strongroom").click()
    page.get_by_role("button", name="Send a test").click()
    own.told("A test is on its way")
    expect(page.locator("td strong", has_text="webhook.test")).to_be_visible()
    own.judge("webhook")
    page.get_by_role("button", name="Change").click()
    own.answer("Save", Only_below="reports/")
    expect(page.locator(".facts")).to_contain_text("reports/")
    page.get_by_role("button", name="Disable").click()
    expect(page.locator(".facts")).to_contain_text("disabled by you")
    page.get_by_role("button", name="Delete").click()
    own.answer("Delete")
    expect(page.get_by_text("No program is told anything.")).to_be_visible()
    assert page.locator("img[src=x]").count() == 0


def test_who_is_no_administrator_sees_no_way_there_and_is_told_so(own: Window) -> None:
    assert own.page.get_by_role("link", name="Admin").count() == 0
    for place in ("admin", "admin/accounts", "admin/audit"):
        own.open(place, "This page is for administrators")
    own.judge("refused")
