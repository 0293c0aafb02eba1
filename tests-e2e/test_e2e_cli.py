"""The command `strongroom` as people and scripts run it: how it ends, what it keeps, and what it never tells."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pyotp
import pytest
from app_client import App
from command_line import COMMAND, PASSWORD, CommandLine
from person import Person
from stack import ADMIN_EMAIL, ADMIN_PASSWORD, Stack
from terminal import Terminal

pytestmark = pytest.mark.heavy  # each command is a process of its own


@pytest.fixture
def anybody(url: str, tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path, url)


@pytest.fixture
def ada(anybody: CommandLine, app: App) -> CommandLine:
    anybody.email = app.email
    anybody.sign_in(app.email)
    return anybody


@pytest.fixture
def boss(url: str, tmp_path: Path) -> CommandLine:
    (tmp_path / "boss").mkdir()
    line = CommandLine(tmp_path / "boss", url, ADMIN_EMAIL)
    line.sign_in(ADMIN_EMAIL, ADMIN_PASSWORD)
    return line


def secret_of(line: CommandLine) -> Path:
    return line.home / ".config" / "strongroom" / "secrets" / "default.json"


def words_to(line: CommandLine, name: str, text: str) -> None:
    line.ok("put", "-", name, stdin=text)


def test_whoever_is_not_signed_in_is_told_how(anybody: CommandLine) -> None:
    for words in (["ls"], ["put", "x"], ["whoami"], ["logout"], ["admin", "users"]):
        ended = anybody(*words)
        assert (ended.code, ended.out) == (3, ""), words
        assert ended.err == "strongroom: Sign in first: strongroom login\n"


def test_a_wrong_password_signs_nobody_in(anybody: CommandLine, app: App) -> None:
    ended = anybody("login", "--email", app.email, "--password-stdin", stdin="wrong\n")
    assert ended.code == 3
    assert "Traceback" not in ended.err
    assert not (anybody.home / ".config").exists()


def test_a_second_factor_is_asked_for(anybody: CommandLine, app: App) -> None:
    begun = app.http.post("/auth/mfa/totp", json={"current_password": PASSWORD}).json()
    code = pyotp.TOTP(begun["secret"]).now()
    confirmed = app.http.post("/auth/mfa/totp/confirm", json={"code": code}).json()
    words = ("login", "--email", app.email, "--password-stdin")
    assert anybody(*words, stdin=f"{PASSWORD}\n").code == 2
    assert anybody(*words, stdin=f"{PASSWORD}\n000000\n").code == 3
    anybody.ok(*words, stdin=f"{PASSWORD}\n{confirmed['recovery_codes'][0]}\n")
    login = Terminal([*COMMAND, "login", "--password", "--email", app.email], anybody.environment(), anybody.home)
    login.wait_for("Password: ")
    login.type(f"{PASSWORD}\n")
    login.wait_for("recovery code: ")
    login.type(f"{confirmed['recovery_codes'][1]}\n")
    assert login.end() == 0
    assert not {PASSWORD, confirmed["recovery_codes"][1]} & set(login.seen.split())


def test_scripts_are_asked_nothing(anybody: CommandLine, app: App) -> None:
    assert anybody("login", "--password", "--email", app.email).code == 2
    assert anybody("login", "--password-stdin", stdin=PASSWORD).code == 2


def test_each_refusal_has_its_code(ada: CommandLine, boss: CommandLine) -> None:
    words_to(ada, "a.txt", "a")
    words_to(ada, "b.txt", "b")
    assert ada("ls", "--no-such-option").code == 2
    assert ada("share", "a.txt", "--expires", "soon").code == 2
    assert ada("get", "nothing.txt").code == 4
    assert ada("put", "nothing.txt").code == 4
    assert ada("rm", "nothing.txt").code == 4
    assert ada("ls", "nothing").code == 4
    assert ada("admin", "users").code == 5
    assert ada("mv", "a.txt", "b.txt").code == 6
    assert ada("rm", "a.txt", "nothing.txt").code == 9
    boss.ok("admin", "quota", ada.email, "10")
    large = ada("put", "-", "large.bin", stdin=b"x" * 100)
    assert large.code == 7, large
    nobody = CommandLine(ada.home / "other", "http://127.0.0.1:9")
    nobody.home.mkdir()
    gone = nobody("login", "--email", "a@example.com", "--password-stdin", stdin="x\n")
    assert (gone.code, gone.out) == (8, "")


def test_with_json_errors_are_documents_too(ada: CommandLine) -> None:
    ended = ada("get", "nothing.txt", "--json")
    (told,) = ended.told
    assert (ended.out, told["event"], told["exit_code"]) == ("", "error", 4)
    before = ada("--json", "get", "nothing.txt")
    assert before.told[-1] == told


def test_no_secret_is_told(ada: CommandLine) -> None:
    kept = json.loads(secret_of(ada).read_text())
    words_to(ada, "a.txt", "a")
    written = ""
    for words in (["whoami", "--json"], ["ls", "--json"], ["profiles"], ["get", "none", "--json"], ["share", "a.txt"]):
        ended = ada(*words)
        written += ended.out + ended.err
    for secret in (kept["access_token"], kept["refresh_token"], PASSWORD):
        assert secret not in written
    assert (secret_of(ada).stat().st_mode & 0o777, secret_of(ada).parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_secret_that_others_can_read_is_not_used(ada: CommandLine) -> None:
    secret_of(ada).chmod(0o644)
    ended = ada("ls")
    assert (ended.code, "chmod 600" in ended.err) == (1, True)
    secret_of(ada).chmod(0o600)
    ada.ok("ls")


def test_many_at_once_with_an_expired_token_do_not_sign_each_other_out(ada: CommandLine) -> None:
    kept = json.loads(secret_of(ada).read_text())
    secret_of(ada).write_text(json.dumps({**kept, "expires_at": kept["issued_at"]}))
    running = [
        subprocess.Popen([*COMMAND, "whoami"], env=ada.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(6)
    ]
    told = [process.communicate(timeout=60) for process in running]
    assert [process.returncode for process in running] == [0] * 6, told
    after = json.loads(secret_of(ada).read_text())
    assert after["refresh_token"] != kept["refresh_token"]
    ada.ok("whoami")


def test_logging_out_ends_the_session_and_forgets_the_secret(ada: CommandLine, app: App) -> None:
    kept = json.loads(secret_of(ada).read_text())
    ada.ok("logout")
    assert not secret_of(ada).exists()
    again = app.http.post("/auth/token", data={"grant_type": "refresh_token", "refresh_token": kept["refresh_token"]})
    assert again.json()["error"] == "invalid_grant"


def test_signing_in_again_ends_the_session_before(ada: CommandLine, app: App) -> None:
    open_before = len(app.http.get("/auth/sessions").json())
    ada.sign_in(app.email)
    assert len(app.http.get("/auth/sessions").json()) == open_before


def test_profiles_are_apart(ada: CommandLine, app: App) -> None:
    with App(ada.url) as other:
        other.sign_up()
        ada.ok("login", "--profile", "work", "--email", other.email, "--password-stdin", stdin=f"{PASSWORD}\n")
    assert ada.ok("whoami").out.startswith(app.email)
    assert ada.ok("whoami", "--profile", "work").out.startswith(other.email)
    assert ada.ok("whoami", STRONGROOM_PROFILE="work").out.startswith(other.email)
    assert [one["profile"] for one in ada.ok("profiles", "--json").documents] == ["default", "work"]
    ada.ok("logout", "--profile", "work")
    assert ada.ok("whoami").out.startswith(app.email)


def test_a_pipeline_has_its_token_or_credentials_in_the_environment(
    anybody: CommandLine, boss: CommandLine, app: App
) -> None:
    token = app.tokens["access_token"]
    assert anybody.ok("whoami", STRONGROOM_TOKEN=token).out.startswith(app.email)
    assert anybody("whoami", STRONGROOM_TOKEN=f"{token[:-8]}AAAAAAAA").code == 3
    scopes = ["--scope", "files:read", "--scope", "files:write"]
    (made,) = boss.ok("admin", "client-add", "Nightly", *scopes, "--json").documents
    credentials = {"STRONGROOM_CLIENT_ID": made["client_id"], "STRONGROOM_CLIENT_SECRET": made["client_secret"]}
    anybody.ok("put", "-", "nightly.txt", stdin="done", **credentials)
    assert anybody.ok("get", "nightly.txt", "-o", "-", **credentials).out == "done"
    assert anybody("ls", **{**credentials, "STRONGROOM_CLIENT_SECRET": "wrong"}).code == 3
    assert anybody("ls", STRONGROOM_CLIENT_ID="x").code == 2
    boss.ok("admin", "client-rm", made["client_id"])
    assert not (anybody.home / ".config").exists()


def test_people_sign_in_with_their_browser(anybody: CommandLine, app: App) -> None:
    login = Terminal([*COMMAND, "login", "--no-browser"], anybody.environment(), anybody.home)
    address = login.wait_for(r"http://\S+/auth/authorize\?\S+(?=\s)").group()
    with Person(anybody.url, app.email, PASSWORD) as person:
        back = person.follow(address)
    stranger = re.sub(r"state=[^&]*", "state=made-up", back)
    assert app.http.get(stranger).status_code == 404
    page = app.http.get(back)
    assert (page.status_code, "close this page" in page.text) == (200, True)
    assert login.end() == 0
    assert f"as {app.email}" in login.seen
    (session,) = [one for one in app.http.get("/auth/sessions").json() if one["client_id"] == "strongroom-cli"]
    assert anybody.ok("whoami").out.startswith(app.email)
    anybody.ok("logout")
    assert session["id"] not in app.http.get("/auth/sessions").text


def test_on_a_machine_without_a_browser_the_address_is_pasted(anybody: CommandLine, app: App) -> None:
    login = Terminal([*COMMAND, "login", "--no-browser"], anybody.environment(), anybody.home)
    address = login.wait_for(r"http://\S+/auth/authorize\?\S+(?=\s)").group()
    with Person(anybody.url, app.email, PASSWORD) as person:
        back = person.follow(address)
    login.type("http://127.0.0.1/callback?code=x&state=y\n")
    login.wait_for("not the address of this sign-in")
    login.type(f"{back}\n")
    assert login.end() == 0
    anybody.ok("whoami")


def test_whoever_does_not_allow_it_is_not_signed_in(anybody: CommandLine, app: App) -> None:
    login = Terminal([*COMMAND, "login", "--no-browser"], anybody.environment(), anybody.home)
    address = login.wait_for(r"http://\S+/auth/authorize\?\S+(?=\s)").group()
    found = dict(re.findall(r"(state|redirect_uri)=([^&]*)", address))
    back = found["redirect_uri"].replace("%3A", ":").replace("%2F", "/")
    app.http.get(back, params={"error": "access_denied", "state": found["state"]})
    assert login.end() == 3
    assert anybody("whoami").code == 3


def test_folders_come_and_go_as_they_are(ada: CommandLine) -> None:
    names = {"trip/a.txt": "a", "trip/deep/er/b.txt": "b", "trip/ü 🗂.txt": "c"}
    for name, text in names.items():
        (ada.home / name).parent.mkdir(parents=True, exist_ok=True)
        (ada.home / name).write_text(text)
    ada.ok("put", "trip", "2026/")
    assert {one["outcome"] for one in ada.ok("put", "trip", "2026/", "--json").documents} == {"unchanged"}
    ada.ok("get", "2026/trip", "back/")
    for name, text in names.items():
        assert (ada.home / "back" / name).read_text() == text
    assert ada.ok("ls", "2026/trip").out.splitlines() == ["deep/", "a.txt", "ü 🗂.txt"]
    assert ada.ok("ls", "-R").out.split("\n")[:-1] == sorted(f"2026/{name}" for name in names)
    (ada.home / "back" / "trip" / "a.txt").write_text("mine")
    kept = ada("get", "2026/trip/a.txt", "back/trip/", "-n")
    assert (kept.code, (ada.home / "back" / "trip" / "a.txt").read_text()) == (6, "mine")
    assert ada("rm", "2026").code == 2
    ada.ok("rm", "-r", "2026")
    assert ada.ok("ls").out == ""
    ada.ok("restore", "2026/")
    assert ada.ok("ls").out == "2026/\n"
    assert ada("rm", "-r", "--permanent", "2026").code == 2
    ada.ok("rm", "-r", "--permanent", "--yes", "2026")
    assert ada.ok("ls", "--trash").out == ""


def test_an_earlier_version_comes_back(ada: CommandLine) -> None:
    words_to(ada, "a.txt", "first")
    words_to(ada, "a.txt", "second")
    ada.ok("restore", "a.txt", "--version", "1")
    assert ada.ok("get", "a.txt", "-o", "-").out == "first"


def test_rows_to_a_pipe_are_csv(ada: CommandLine) -> None:
    words_to(ada, "t.csv", 'name,ok,n\n"a, b",true,1\n"say ""x""",false,\n')
    assert ada.ok("rows", "t.csv").out == 'name,ok,n\n"a, b",true,1\n"say ""x""",false,\n'
    assert ada.ok("rows", "t.csv", "--columns", "n", "--limit", "1").out == "n\n1\n"
    assert ada("rows", "t.csv", "--where", "nonsense").code == 1


def test_a_link_with_a_password_needs_it(ada: CommandLine, app: App) -> None:
    words_to(ada, "a.txt", "a")
    (link,) = ada.ok("share", "a.txt", "--password-stdin", "--json", stdin="open sesame\n").documents
    assert link["has_password"] is True
    assert app.http.get(link["url"]).status_code == 401
    assert ada.ok("links").out.startswith(link["id"])
    ada.ok("unshare", link["id"])
    assert app.http.get(link["url"]).status_code == 404
    assert ada("unshare", link["id"]).code == 4


def test_what_happens_is_told_as_it_happens(ada: CommandLine) -> None:
    words_to(ada, "before.txt", "x")
    words_to(ada, "watched/a.txt", "x")
    after = ada.ok("watch", "--type", "file.*", "--after", "0", "-n", "2", "--json").documents
    assert [one["type"] for one in after] == ["file.created", "file.created"]
    assert "watched/a.txt" in ada.ok("watch", "watched/", "--after", "0", "-n", "1").out


def test_a_reader_who_has_gone_is_no_error(ada: CommandLine) -> None:
    for number in range(3):
        words_to(ada, f"{number}.txt", "x")
    process = subprocess.Popen(
        [*COMMAND, "ls", "-R", "--json"], env=ada.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.wait(timeout=60) == 141
    assert process.stderr.read() == b""
    process.stderr.close()


@pytest.mark.parametrize("more", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_whoever_wants_no_colours_gets_none(ada: CommandLine, more: dict[str, str]) -> None:
    words_to(ada, "t.csv", "a,b\n1,2\n")
    (ada.home / "a.bin").write_bytes(b"x" * 100_000)
    for words in (["rows", "t.csv"], ["search", "t"], ["ls", "-l"], ["put", "a.bin"], ["--help"]):
        terminal = Terminal([*COMMAND, *words], ada.environment(**more), ada.home)
        assert terminal.end() == 0, terminal.seen
        assert [colour for colour in terminal.colours if colour not in {"\x1b[0m", "\x1b[1m", "\x1b[2m"}] == [], words


def test_a_terminal_gets_no_bytes_that_would_garble_it(ada: CommandLine) -> None:
    ada.ok("put", "-", "a.bin", stdin=bytes(range(256)) * 10)
    terminal = Terminal([*COMMAND, "get", "a.bin", "-o", "-"], ada.environment(), ada.home)
    assert terminal.end() == 2
    assert "-o FILE" in terminal.seen


def test_what_failed_is_told_once(ada: CommandLine) -> None:
    assert ada("rm", "nothing.txt").err == "strongroom: nothing.txt: There is no file nothing.txt\n"
    assert ada("get", "nothing.txt").err == "strongroom: There is nothing at nothing.txt\n"


@pytest.mark.parametrize(
    ("words", "until"),
    [
        (["put", "-", "a.txt"], r"a\.txt"),
        (["login", "--password"], "Email: "),
        (["login", "--password", "--email", "a@example.com"], "Password: "),
        (["login", "--no-browser"], "Open this"),
        (["watch", "--after", "0"], "file.created"),
        (["rm", "before.txt", "--permanent"], "y/N"),
    ],
)
def test_ctrl_c_ends_it_at_once_and_without_a_traceback(ada: CommandLine, words: list[str], until: str) -> None:
    words_to(ada, "before.txt", "x")
    terminal = Terminal([*COMMAND, *words], ada.environment(), ada.home)
    terminal.wait_for(until)
    terminal.interrupt()
    assert terminal.end(within=20) == 130
    assert "strongroom: Interrupted." in terminal.seen
    assert "Traceback" not in terminal.seen
    assert ada.ok("ls").out == "before.txt\n"


def test_an_administrator_sees_to_accounts(boss: CommandLine, app: App) -> None:
    (found,) = boss.ok("admin", "users", app.email, "--json").documents
    assert found["email"] == app.email
    (session,) = boss.ok("admin", "sessions", app.email, "--json").documents
    assert session["client_id"] == "strongroom"
    assert boss.ok("admin", "roles", app.email, "user", "--json").documents[0]["roles"] == ["user"]
    assert "user" in boss.ok("admin", "roles").out
    assert boss.ok("admin", "quota", app.email, "5G", "--json").documents[0]["quota"] == 5 * 1024**3
    boss.ok("admin", "sessions", app.email, "--end")
    assert boss.ok("admin", "sessions", app.email).out == ""
    assert boss.ok("admin", "user", app.email, "--disable", "--json").documents[0]["disabled_at"] is not None
    boss.ok("admin", "user", app.email, "--enable")
    assert "account.enabled" in boss.ok("admin", "audit", "--account", found["id"]).out
    assert "active" in boss.ok("admin", "keys").out
    boss.ok("admin", "jobs")
    assert boss("admin", "user", app.email, "--delete").code == 2
    boss.ok("admin", "user", app.email, "--delete", "--yes")
    assert boss("admin", "user", app.email).code == 4


def test_shells_complete_commands(anybody: CommandLine) -> None:
    asked = {"_STRONGROOM_COMPLETE": "complete_bash", "COMP_WORDS": "strongroom wh", "COMP_CWORD": "1"}
    assert anybody(**asked).out.split() == ["whoami"]


def test_help_needs_no_server_and_tells_the_codes(anybody: CommandLine) -> None:
    told = anybody.ok("--help").out
    assert "3 not signed in" in told
    assert re.search(r"put\s+Upload", told)
    assert "--no-browser" in anybody.ok("login", "--help").out


@pytest.mark.heavy
def test_up_runs_what_make_up_runs(own_stack: Callable[..., Stack]) -> None:
    stack = own_stack(command=[*COMMAND, "up"]).wait_until_ready()
    assert stack.stop() == 0
