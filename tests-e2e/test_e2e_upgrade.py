"""The release before runs on this one's tables: while they are made, beside this one, and for those who go back."""

import json
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from app_client import PASSWORD, App
from bench.sign_out import seconds_until_refused
from everyday import Kept, begin, change_password, day, finish
from previous_release import NoHistory, unpacked
from replicas import Replica
from second_file_service import origin_of
from stack import ADMIN_EMAIL, ADMIN_PASSWORD, Stack
from upgrading import THIS_RELEASE, Beside, House, being_upgraded, beside, door, started

pytestmark = pytest.mark.heavy

OTHER_PASSWORD = "granite-meadow-58-lantern"
TABLE = b"id,name\n" + b"".join(b"%d,name %d\n" % (number, number) for number in range(100))


@pytest.fixture(scope="module")
def release_before(tmp_path_factory: pytest.TempPathFactory) -> str:
    try:
        return unpacked(tmp_path_factory.mktemp("release"))
    except NoHistory as reason:
        pytest.skip(f"the release before cannot be had: {reason}")


@pytest.fixture(scope="module")
def house(release_before: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with being_upgraded(tmp_path_factory.mktemp("stack") / "data", release_before) as house:
        yield house


@pytest.fixture(scope="module")
def new(house: House) -> Iterator[Beside]:
    with beside(house.stack) as new:
        yield new


@pytest.fixture
def person(house: House) -> Iterator[App]:
    """Somebody new, at the door of the release before."""
    with App(house.stack.url) as app:
        app.sign_up()
        yield app


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline, "it did not become true"
        time.sleep(0.05)  # nobody tells


def kept_count(admin: App, account: str) -> int:
    return int(admin.http.get(f"/files/usage/{account}").json()["count"])


def asked(origin: str, route: str) -> float:
    """How often a service of this release was."""
    figures = httpx2.get(f"{origin}/metrics", trust_env=False).text
    lines = re.findall(r"^strongroom_http_requests_total\{(.*)\} (.*)$", figures, re.MULTILINE)
    return sum(float(count) for labels, count in lines if f'route="{route}' in labels)


def test_the_release_before_serves_everything_on_the_new_tables(house: House, person: App) -> None:
    day(house.app, house.friend, house.kept)
    house.kept.check(house.app, house.friend)
    day(person, house.friend, Kept())
    change_password(person, PASSWORD, OTHER_PASSWORD)
    person.sign_in(person.email, OTHER_PASSWORD)


def test_either_release_sees_at_once_what_the_other_one_did(house: House, new: Beside) -> None:
    here = house.app
    with house.at(new.gateway.origin) as (there, friend):
        day(there, friend, house.kept)
        house.kept.check(here, house.friend)
        here.use(there.tokens)  # of which the one that it had is the predecessor
        day(here, house.friend, house.kept)
        for path, one, other in (("begun here", here, there), ("begun there", there, here)):
            finish(other, begin(one, path, b"first ", 10), 6, b"rest")
            house.kept.hashes[path] = sha256(b"first rest").hexdigest()
        house.kept.check(there, friend)


def test_whoever_signs_out_with_one_release_is_signed_out_with_the_other(
    house: House, new: Beside, person: App
) -> None:
    everywhere = [house.stack.url, origin_of(house.stack, "file_service"), new.gateway.origin, new.files.origin]
    with App(new.gateway.origin) as there, httpx2.Client(trust_env=False) as http:
        for one, other in ((person, there), (there, person)):
            one.sign_in(person.email, PASSWORD)
            other.sign_in(person.email, PASSWORD)
            (session,) = [each for each in one.http.get("/auth/sessions").json() if each["current"]]
            assert other.http.delete(f"/auth/sessions/{session['id']}").status_code == 204
            seconds_until_refused(http, everywhere, one.tokens["access_token"])
        there.sign_in(person.email, PASSWORD)
        change_password(person, PASSWORD, OTHER_PASSWORD)
        seconds_until_refused(http, everywhere, there.tokens["access_token"])
        there.sign_in(person.email, OTHER_PASSWORD)


@pytest.mark.parametrize("door_of", ["this release", "the release before"])
def test_both_work_at_once_behind_one_gateway(house: House, new: Beside, release_before: str, door_of: str) -> None:
    release = THIS_RELEASE if door_of == "this release" else release_before
    old_auth, old_files = (origin_of(house.stack, module) for module in ("auth_service", "file_service"))
    gateway = door(house.stack, [new.auth.origin, old_auth], [old_files, new.files.origin], release)
    of_new = ((new.auth.origin, "/auth/token"), (new.files.origin, "/files/raw"))
    of_old = ((house.stack.data / "logs/auth.log", "/auth/token"), (house.stack.data / "logs/files.log", "/files/raw"))

    def live(app: App) -> None:
        kept = Kept()
        app.sign_up()
        day(app, house.friend, kept)
        day(app, house.friend, kept)
        kept.check(app, house.friend)

    with started(gateway), ExitStack() as running, ThreadPoolExecutor(3) as pool:
        before = [asked(*one) for one in of_new] + [log.read_text().count(path) for log, path in of_old]
        list(pool.map(live, [running.enter_context(App(gateway.origin)) for _ in range(3)]))
        after = [asked(*one) for one in of_new] + [log.read_text().count(path) for log, path in of_old]
    assert all(many < more for many, more in zip(before, after, strict=True)), "one of them had nothing to do"


def test_of_what_the_release_before_does_no_event_tells_and_the_others_have_no_gap(new: Beside, person: App) -> None:
    with App(new.gateway.origin) as there:
        there.use(person.tokens)
        for turn, app in enumerate((person, there, person, there)):
            Kept().put(app, f"{turn}.txt", b"whoever wrote it")
        with there.http.stream("GET", "/files/events", params={"after": 0, "type": "file.*"}) as answer:
            lines = (line for line in answer.iter_lines() if line.startswith("data: "))
            told = [json.loads(next(lines).removeprefix("data: ")) for _ in range(2)]
    assert [(one["id"], one["data"]["path"]) for one in told] == [("1", "1.txt"), ("2", "3.txt")]


def test_what_the_release_before_keeps_for_an_account_that_is_gone_goes_too(new: Beside, person: App) -> None:
    account = person.http.get("/auth/profile").json()["id"]
    with App(new.gateway.origin) as admin, App(new.files.origin) as purger:
        admin.sign_in(ADMIN_EMAIL, ADMIN_PASSWORD)
        client = admin.http.post("/auth/clients", json={"name": "purger", "scopes": ["files:purge"]}).json()
        known = {name: client[name] for name in ("client_id", "client_secret")}
        purger.use(admin.http.post("/auth/token", data={"grant_type": "client_credentials", **known}).json())

        def slowly() -> Iterator[bytes]:
            yield b"begun before the account went, "
            # As the auth service does when its job has come to a file service of this release.
            assert purger.http.delete(f"/files/internal/owners/{account}").status_code == 204
            yield b"and finished afterwards"

        assert person.http.put("/files/raw/late.txt", content=slowly()).status_code == 201
        assert kept_count(admin, account) == 1
        new.files.stop()
        new.files.start()
        wait_until(lambda: kept_count(admin, account) == 0)


def test_this_release_alone_finds_everything_and_one_can_go_back(
    own_stack: Callable[..., Stack], release_before: str, tmp_path: Path
) -> None:
    with being_upgraded(tmp_path / "data", release_before) as house:
        unfinished = begin(house.app, "begun.txt", b"begun ", 12)
        table = house.kept.put(house.app, "table.csv", TABLE)["id"]
        with App(house.stack.url) as leaver:
            gone = leaver.sign_up()["id"]
            day(leaver, house.friend, Kept())
            assert leaver.http.delete("/auth/profile").status_code == 204
        house.stack.stop()
        stack = own_stack(house.stack.data, STRONGROOM_PORT=str(urlsplit(house.stack.url).port)).wait_until_ready()
        with house.at(stack.url) as (app, friend), App(stack.url) as admin:
            house.kept.check(app, friend)  # with tokens from before
            finish(app, unfinished, 6, b"before")
            house.kept.hashes["begun.txt"] = sha256(b"begun before").hexdigest()
            day(app, friend, house.kept)
            wait_until(lambda: app.http.get(f"/files/{table}/rows", params={"limit": 1}).status_code == 200)
            admin.sign_in(ADMIN_EMAIL, ADMIN_PASSWORD)
            wait_until(lambda: kept_count(admin, gone) == 0)  # by the job, which no file service could do before
            house.app.use(app.tokens)
        files, auth = (Replica(stack, module, PYTHONPATH=release_before) for module in ("file_service", "auth_service"))
        gateway = door(stack, [auth.origin], [files.origin], release_before)
        with started(auth, files, gateway), house.at(gateway.origin) as (app, friend):
            house.kept.check(app, friend)
            day(app, friend, house.kept)
